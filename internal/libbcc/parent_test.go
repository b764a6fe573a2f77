//go:build linux && cgo

package libbcc

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/testutil"
)

func init() {
	helpers["compile"] = func(t *testing.T) {
		if _, err := Compile(t.Context(), &Request{Source: "any"}); err != nil {
			t.Error(err)
		}
	}
	helpers["few descriptors"] = fewDescriptors
	helpers["memory"] = memory
}

// A child dies with the process that started it.
func TestParentKilled(t *testing.T) {
	testutil.Leaks(t)
	env := fails(fake(t), "create", "hang")
	mark := reached(t, &env)
	killParent(t, helper("compile", env...), mark, func(process) {})
}

// killParent starts a command, looks at its child at the mark, kills the command and waits for the child's end.
func killParent(t *testing.T, cmd *exec.Cmd, mark func(context.Context), look func(process)) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	mark(ctx)
	children := childrenOf(t, cmd.Process.Pid)
	if len(children) != 1 {
		t.Fatalf("%d children", len(children))
	}
	look(children[0])
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	cmd.Wait()
	for begin := time.Now(); alive(t, children[0]); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			unix.Kill(children[0].pid, unix.SIGKILL)
			t.Fatal("the child lives on")
		}
	}
}

func alive(t *testing.T, child process) bool {
	t.Helper()
	return slices.ContainsFunc(processes(t), func(p process) bool { return p.pid == child.pid && p.command == childName })
}

// childrenOf lists the compile children of a process.
func childrenOf(t *testing.T, parent int) []process {
	t.Helper()
	return slices.DeleteFunc(processes(t), func(p process) bool { return p.parent != parent || p.command != childName })
}

// The kernel kills a child at the end of the thread that started it. Threads end all the time, but not that one.
func TestThreadsEnd(t *testing.T) {
	testutil.Leaks(t)
	env := fails(fake(t), "create", "sleep")
	ctx, cancel := context.WithCancel(t.Context())
	var churn, compiles sync.WaitGroup
	for range 4 {
		churn.Go(func() {
			for ctx.Err() == nil {
				ended := make(chan struct{})
				go func() { defer close(ended); runtime.LockOSThread() }() // the thread ends with it
				<-ended
			}
		})
	}
	for range 4 {
		compiles.Go(func() {
			runtime.LockOSThread()
			if _, err := Compile(t.Context(), &Request{Source: "any", Env: env}); err != nil {
				t.Error(err)
			}
		})
	}
	compiles.Wait()
	cancel()
	churn.Wait()
}

// There are never more children than processors, and this process stays where it is.
func TestManyAtOnce(t *testing.T) {
	testutil.Leaks(t)
	env := fake(t)
	ctx, cancel := context.WithCancel(t.Context())
	var watch, compiles sync.WaitGroup
	most := 0
	watch.Go(func() {
		for ctx.Err() == nil {
			most = max(most, len(childrenOf(t, os.Getpid())))
			time.Sleep(5 * time.Millisecond)
		}
	})
	watch.Go(func() { stays(t, ctx) })
	for i := range 4 * runtime.NumCPU() {
		fault := []string{"sleep", "chdir"}[i%2]
		compiles.Go(func() {
			if r, err := Compile(ctx, &Request{Source: "any", Env: fails(env, "create", fault)}); err != nil || len(r.Functions) != 1 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	compiles.Wait()
	cancel()
	watch.Wait()
	if most < 1 || most > runtime.NumCPU() {
		t.Errorf("%d children at once", most)
	}
}

// stays looks at the working directory until the context ends.
func stays(t *testing.T, ctx context.Context) {
	here, err := os.Readlink("/proc/self/cwd")
	if err != nil {
		t.Error(err)
	}
	for ctx.Err() == nil {
		if dir, err := os.Readlink("/proc/self/cwd"); dir != here || err != nil {
			t.Errorf("now in %s, %v", dir, err)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// libbcc itself changes the working directory while it compiles.
func TestWorkingDirectory(t *testing.T) {
	testutil.Leaks(t)
	testutil.Libbcc(t)
	testutil.Headers(t)
	ctx, cancel := context.WithCancel(t.Context())
	var watch sync.WaitGroup
	watch.Go(func() { stays(t, ctx) })
	r, err := Compile(t.Context(), &Request{Source: simple})
	cancel()
	watch.Wait()
	if err != nil || r.Failed {
		t.Errorf("%+v, %v", r, err)
	}
}

const simple = "BPF_HASH(counts, u32, u64);\nint program(void *ctx) { u32 key = 1; counts.increment(key); return 0; }"

func TestFewDescriptors(t *testing.T) {
	testutil.Leaks(t)
	runHelper(t, helper("few descriptors", fake(t)...))
}

// fewDescriptors compiles with ever more descriptors, until it works. The limit holds for the child as well.
func fewDescriptors(t *testing.T) {
	testutil.Leaks(t)
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	var err error
	for most := uint64(3); most < 64; most++ {
		unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: most, Max: old.Max})
		_, err = Compile(t.Context(), &Request{Source: "any"})
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		if err == nil {
			break
		}
		t.Logf("%d: %v", most, err)
		text := strings.ToLower(err.Error())
		if !strings.Contains(text, "too many open files") && !strings.Contains(text, "error 24") {
			t.Errorf("%d descriptors: %v", most, err)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func TestMemory(t *testing.T) {
	testutil.Leaks(t)
	runHelper(t, helper("memory", fake(t)...))
}

// memory looks at the memory of this process, which holds no other test.
func memory(t *testing.T) {
	testutil.Leaks(t)
	for _, c := range []struct {
		fault string
		times int
		most  int // MiB
	}{
		{"none", 5, 1 << 20}, // what the first ones take stays
		{"none", 20, 16},
		{"flood3", 1, 16},
		{"announce exit", 1, 16},
		{"flood2", 1, 16 * maxOutput >> 20}, // while the text grows, what it outgrew is garbage for a while
	} {
		debug.FreeOSMemory()
		os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the peak is now's use
		before := status(t, "VmRSS")
		for range c.times {
			stage := "create"
			if c.fault == "none" {
				stage = "no stage"
			}
			Compile(t.Context(), &Request{Source: strings.Repeat("any ", 1000), Env: []string{"FAKE_STAGE=" + stage, "FAKE_FAULT=" + c.fault}})
		}
		grown := (status(t, "VmHWM") - before) >> 10
		t.Logf("%s: %d MiB", c.fault, grown)
		if grown > c.most {
			t.Errorf("%d times %s: %d MiB more", c.times, c.fault, grown)
		}
	}
}

// status returns a number of KiB from /proc/self/status.
func status(t *testing.T, field string) int {
	t.Helper()
	for line := range strings.Lines(read("/proc/self/status")) {
		if f := strings.Fields(line); f[0] == field+":" {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no", field)
	return 0
}
