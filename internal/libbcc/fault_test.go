//go:build linux && cgo

package libbcc

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/testutil"
)

var stages = []string{"constructor", "create", "num_tables", "table_name", "func_load"}

func TestFake(t *testing.T) {
	testutil.Leaks(t)
	r, err := Compile(t.Context(), &Request{Source: "any", Env: fake(t)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Failed || len(r.Maps) != 1 || len(r.Tables) != 1 || len(r.Functions) != 1 || r.Tables[0].Record != 0 {
		t.Errorf("%+v", r)
	}
}

// The ways in which libbcc ends the child.
func TestChildEnds(t *testing.T) {
	testutil.Leaks(t)
	t.Cleanup(func() { drain = 5 * time.Second })
	drain = 100 * time.Millisecond
	env := fake(t)
	for fault, how := range map[string]string{
		"abort":               "signal: aborted",
		"segv":                "signal: segmentation fault",
		"kill":                "signal: killed",
		"exit3":               "exit status 3",
		"_exit0":              "ended without an answer",
		"garbage":             "the reply is garbage",
		"flood3":              "the reply is garbage",
		"announce too much":   "the reply is garbage",
		"announce exit":       "unexpected EOF",
		"more than announced": "signal: broken pipe",
		"close3":              "", // the number may be another file's when the child replies
		"fork abort":          "signal: aborted",
		"session abort":       "signal: aborted",
	} {
		t.Run(fault, func(t *testing.T) {
			for _, stage := range stages {
				e := compileFails(t, fails(env, stage, fault))
				endSessions(t)
				if !strings.Contains(e.Err.Error(), how) || !strings.HasPrefix(e.Output, "fake: "+stage+"\n") {
					t.Errorf("%s: %v; its output: %.200q", stage, e.Err, e.Output)
				}
				if !strings.Contains(e.Error(), how) || !strings.Contains(e.Error(), "fake: "+stage) {
					t.Errorf("%s: %.300s", stage, e.Error())
				}
			}
		})
	}
}

// compileFails compiles to a ChildError, long before the package's own limit.
func compileFails(t *testing.T, env []string) *ChildError {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	r, err := Compile(ctx, &Request{Source: "any", Env: env})
	var e *ChildError
	if !errors.As(err, &e) {
		t.Fatalf("%v: %+v, %v", env, r, err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%v: it hangs", env)
	}
	return e
}

// A child that cannot end by itself is ended by the context, with what it started.
func TestChildHangs(t *testing.T) {
	testutil.Leaks(t)
	t.Cleanup(func() { drain = 5 * time.Second })
	drain = 100 * time.Millisecond
	env := fake(t)
	for _, fault := range []string{"hang", "fork hang", "announce hang", "close3 hang", "session hang"} {
		t.Run(fault, func(t *testing.T) {
			for _, stage := range stages {
				begin := time.Now()
				ctx, env := cancelThere(t, fails(env, stage, fault))
				_, err := Compile(ctx, &Request{Source: "any", Env: env})
				endSessions(t)
				var e *ChildError
				if !errors.As(err, &e) || !errors.Is(err, context.Canceled) || e.Output != "fake: "+stage+"\n" {
					t.Errorf("%s: %v", stage, err)
				}
				if d := time.Since(begin); d > deadline {
					t.Errorf("%s: it took %v", stage, d)
				}
			}
		})
	}
}

// cancelThere returns a context that is cancelled when the child hangs.
func cancelThere(t *testing.T, env []string) (context.Context, []string) {
	ctx, cancel := context.WithCancel(t.Context())
	mark := reached(t, &env)
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		defer cancel()
		mark(ctx)
	}()
	return ctx, env
}

// reached returns a function that waits until the child hangs.
func reached(t testing.TB, env *[]string) func(context.Context) {
	path := filepath.Join(t.TempDir(), "mark")
	*env = append(slices.Clip(*env), "FAKE_MARK="+path)
	return func(ctx context.Context) { waitFor(ctx, path) }
}

// waitFor waits until there is a file.
func waitFor(ctx context.Context, path string) {
	for ctx.Err() == nil {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// endSessions ends the processes of the fault "session", which left the child's group.
func endSessions(t *testing.T) {
	for _, p := range processes(t) {
		if p.command == childName && strings.Contains(p.environ, "\x00FAKE_FAULT=session") && p.ours() {
			unix.Kill(p.pid, unix.SIGKILL)
		}
	}
}

func TestCancelled(t *testing.T) {
	testutil.Leaks(t)
	env := fails(fake(t), "create", "hang")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	if _, err := Compile(ctx, &Request{Source: "any", Env: env}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	why := errors.New("why")
	for range 20 { // whether a slot or the end of the context is seen first is chance
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		if _, err := Compile(ctx, &Request{Source: "any", Env: env}); !errors.Is(err, why) {
			t.Fatal(err)
		}
	}
}

func TestLimit(t *testing.T) {
	testutil.Leaks(t)
	old := limit
	t.Cleanup(func() { limit = old })
	limit = 300 * time.Millisecond
	_, err := Compile(t.Context(), &Request{Source: "any", Env: fails(fake(t), "create", "hang")})
	if e := (*ChildError)(nil); !errors.Is(err, ErrTimeout) || !errors.As(err, &e) || e.Output != "fake: create\n" {
		t.Error(err)
	}
}

// Who waits for a slot is not counted against the limit, and can give up.
func TestSlotsTaken(t *testing.T) {
	testutil.Leaks(t)
	for range cap(slots) {
		slots <- struct{}{}
	}
	t.Cleanup(func() {
		for range cap(slots) {
			<-slots
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := Compile(ctx, &Request{Source: "any"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// A debug flag lets libbcc's destructors run, after the reply.
func TestDestructor(t *testing.T) {
	testutil.Leaks(t)
	env := fake(t)
	for fault, how := range map[string]string{
		"abort": "signal: aborted", "segv": "signal: segmentation fault", "kill": "signal: killed", "_exit0": "", "flood1": "", "close3": "",
	} {
		r, err := Compile(t.Context(), &Request{Source: "any", Debug: 1, Env: fails(env, "destructor", fault)})
		if how == "" && (err != nil || r.Stderr != "fake: destructor\n") || how != "" && (err == nil || !strings.Contains(err.Error(), how)) {
			t.Errorf("%s: %v", fault, err)
		}
		if _, err := Compile(t.Context(), &Request{Source: "any", Env: fails(env, "destructor", fault)}); err != nil {
			t.Errorf("%s, without debug: %v", fault, err)
		}
	}
}

// What is odd but does no harm.
func TestChildSurvives(t *testing.T) {
	testutil.Leaks(t)
	env := fake(t)
	for _, fault := range []string{"fork", "chdir", "bpf commands", "bpf empty", "sleep"} {
		for _, stage := range []string{"create", "num_tables", "table_name", "func_load"} {
			r, err := Compile(t.Context(), &Request{Source: "any", Env: fails(env, stage, fault)})
			if err != nil || r.Stderr != "fake: "+stage+"\n" {
				t.Errorf("%s in %s: %v", fault, stage, err)
			}
		}
	}
}

// Calls of bpf(2) that no kernel would take.
func TestBadCalls(t *testing.T) {
	testutil.Leaks(t)
	env := fake(t)
	for fault, how := range map[string]string{
		"bpf nowhere":      "signal: segmentation fault",
		"bpf code nowhere": "signal: segmentation fault",
		"bpf pin nowhere":  "signal: segmentation fault",
		"bpf huge":         "exit status 122",
	} {
		if e := compileFails(t, fails(env, "create", fault)); !strings.Contains(e.Err.Error(), how) {
			t.Errorf("%s: %v", fault, e)
		}
	}
}

func TestFloods(t *testing.T) {
	testutil.Leaks(t)
	env := fake(t)
	r, err := Compile(t.Context(), &Request{Source: "any", Env: fails(env, "create", "flood1")})
	if err != nil || len(r.Stdout) > maxOutput+100 || !strings.HasSuffix(r.Stdout, "#\n[output cut]\n") {
		t.Error(err)
	}
	r, err = Compile(t.Context(), &Request{Source: "any", Env: fails(env, "create", "flood2")})
	if err != nil || len(r.Stderr) > maxOutput+100 || !strings.HasSuffix(r.Stderr, "#\n[output cut]\n") {
		t.Error(err)
	}
}

func TestDescriptorsExhausted(t *testing.T) {
	testutil.Leaks(t)
	env := fake(t)
	r, err := Compile(t.Context(), &Request{Source: "any", Env: fails(env, "create", "descriptors")})
	if err != nil || !r.Failed {
		t.Errorf("%+v, %v", r, err)
	}
	_, err = Compile(t.Context(), &Request{Source: "any", Env: fails(env, "num_tables", "descriptors")})
	if err == nil || !strings.Contains(err.Error(), "the function program: Too many open files") {
		t.Error(err)
	}
}

// Far more programs than descriptors: none is kept open for each.
func TestManyPrograms(t *testing.T) {
	testutil.Leaks(t)
	r, err := Compile(t.Context(), &Request{Source: "any", Env: append(fails(fake(t), "create", "few descriptors"), "FAKE_PROGRAMS=3000")})
	if err != nil || len(r.Functions) != 3000 {
		t.Error(err)
	}
}

// A library that is none, or not libbcc, or one that is too old.
func TestNoLibrary(t *testing.T) {
	testutil.Leaks(t)
	for what, make := range map[string]func(path string){
		"invalid ELF header":                     func(path string) { os.WriteFile(path, []byte(strings.Repeat("no library ", 1000)), 0o700) },
		"file too short":                         func(path string) { os.WriteFile(path, nil, 0o700) },
		"it is too old, 0.25 or newer is needed": func(path string) { gcc(t, "-shared", "-fPIC", "-x", "c", "-o", path, "/dev/null") },
	} {
		dir := t.TempDir()
		make(dir + "/libbcc.so.0")
		r, err := Compile(t.Context(), &Request{Source: "any", Env: []string{"LD_LIBRARY_PATH=" + dir}})
		if !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "install libbpfcc") {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
}

func init() {
	helpers["no library"] = func(t *testing.T) {
		_, err := Compile(t.Context(), &Request{Source: "any"})
		if !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), "install libbpfcc") || !strings.Contains(err.Error(), "No such file") {
			t.Error(err)
		}
	}
}

// hideLibrary shows, in a mount namespace of its own, a folder of links to all of the library's folder but the library.
const hideLibrary = `
	set -eu
	from=$1 tmp=$2
	mkdir $tmp/real $tmp/links
	mount --bind $from $tmp/real
	find $tmp/real -mindepth 1 -maxdepth 1 ! -name 'libbcc.so*' -exec ln -s -t $tmp/links {} +
	mount --bind $tmp/links $from
	shift 2
	exec "$@"`

// The library is not installed.
func TestNoLibraryAtAll(t *testing.T) {
	testutil.Leaks(t)
	testutil.Root(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := helper("no library")
	dir := filepath.Dir(testutil.Libbcc(t))
	if cmd.Path, err = exec.LookPath("unshare"); err != nil {
		t.Skip(err)
	}
	if out, err := exec.Command(cmd.Path, "--mount", "--propagation", "private", "true").CombinedOutput(); err != nil {
		t.Skipf("no private mount namespace, as in a chroot whose root is no mount: %v, %s", err, out)
	}
	cmd.Args = append([]string{"unshare", "--mount", "--propagation", "private", "sh", "-c", hideLibrary, "sh", dir, t.TempDir(), self}, cmd.Args[1:]...)
	runHelper(t, cmd)
}
