//go:build linux && cgo

package libbcc

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobcc/bcc/internal/testutil"
)

func init() {
	helpers["user"] = func(t *testing.T) {
		testutil.Leaks(t)
		r, err := Compile(t.Context(), &Request{Source: simple})
		if err != nil || r.Failed || len(r.Functions) != 1 || len(r.Tables) != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	helpers["user tracepoint"] = func(t *testing.T) {
		testutil.Leaks(t)
		r, err := Compile(t.Context(), &Request{Source: "TRACEPOINT_PROBE(sched, sched_switch) { return args->prev_pid; }"})
		if err != nil || !r.Failed {
			t.Fatalf("%+v, %v", r, err)
		}
		t.Log(r.Stderr)
		if !strings.Contains(r.Stderr, "sched_switch") && !strings.Contains(r.Stderr, "tracing") {
			t.Errorf("%q", r.Stderr)
		}
	}
	// The loader takes no LD_LIBRARY_PATH here; a path it does take.
	helpers["capable"] = func(t *testing.T) {
		if _, err := Resolve(t.Context(), os.Getenv("FAKE_PATH"), "bpf_num_tables"); err != nil {
			t.Error(err)
		}
	}
}

// Compiling needs no rights.
func TestUnprivileged(t *testing.T) {
	testutil.Leaks(t)
	testutil.Root(t)
	testutil.Libbcc(t)
	testutil.Headers(t)
	for _, name := range []string{"user", "user tracepoint"} {
		cmd := helper(name)
		cmd.Dir = "/"
		testutil.AsUser(cmd)
		runHelper(t, cmd)
	}
}

// An executable with file capabilities, which whoever may execute it starts as the child.
func TestFileCapabilities(t *testing.T) {
	testutil.Leaks(t)
	testutil.Root(t)
	setcap, err := exec.LookPath("setcap")
	if err != nil {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "gobcc-capable") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "test")
	if err := copyFile(program, "/proc/self/exe"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(setcap, "cap_bpf+ep", program).CombinedOutput(); err != nil {
		t.Skipf("setcap: %v, %s", err, out)
	}
	capable := func(name string, env ...string) *exec.Cmd {
		cmd := helper(name, env...)
		cmd.Path, cmd.Dir = program, "/"
		testutil.AsUser(cmd)
		return cmd
	}
	t.Run("compiles", func(t *testing.T) {
		testutil.Libbcc(t)
		testutil.Headers(t)
		runHelper(t, capable("user"))
	})
	fakeIn(t, dir)
	env := fails([]string{"FAKE_PATH=" + dir + "/libbcc.so.0"}, "constructor", "hang")
	mark := filepath.Join(dir, "mark")
	if err := os.Chmod(dir, 0o777); err != nil { // the child makes its mark there
		t.Fatal(err)
	}
	t.Run("drops its rights and dies with its parent", func(t *testing.T) {
		killParent(t, capable("capable", append(env, "FAKE_MARK="+mark)...), func(ctx context.Context) { waitFor(ctx, mark) },
			func(child process) { capabilities(t, child) })
	})
}

// capabilities fails the test where a process has any.
func capabilities(t *testing.T, p process) {
	t.Helper()
	if !strings.Contains(p.status, "\nCapPrm:") {
		t.Errorf("%+v", p)
	}
	for line := range strings.Lines(p.status) {
		if name, set, _ := strings.Cut(line, ":"); strings.HasPrefix(name, "Cap") && name != "CapBnd" && strings.Trim(set, "\t\n0") != "" {
			t.Errorf("%d has %s", p.pid, line)
		}
	}
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// A child that is started with every signal blocked, as some programs start others, still sees its own.
func TestSignalsBlocked(t *testing.T) {
	testutil.Leaks(t)
	cmd := helper("compile", fake(t)...)
	env, err := exec.LookPath("env")
	if err == nil {
		err = exec.Command(env, "--block-signal", "true").Run()
	}
	if err != nil {
		t.Skip("env cannot block signals:", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path, cmd.Args = env, append([]string{"env", "--block-signal", self}, cmd.Args[1:]...)
	runHelper(t, cmd)
}
