// Package exampletest runs the examples as processes, for their tests: the test binary is the example, too.
package exampletest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long anything may take on a busy machine: compiling, attaching, ending.
const patience = 2 * time.Minute

// exampleEnv tells a test binary to be the example.
const exampleEnv = "GOBCC_EXAMPLE"

// Main is for TestMain: it runs the example itself where the test binary was started by [Start].
func Main(example func()) {
	if os.Getenv(exampleEnv) != "" {
		os.Unsetenv(exampleEnv)
		example()
		os.Exit(0)
	}
}

// Process is a running example.
type Process struct {
	t              testing.TB
	cmd            *exec.Cmd
	stdout, stderr output
	ended          chan struct{} // closed when it has ended and cmd.ProcessState is set
}

// Start starts an example. The test's end kills it, if need be.
func Start(t testing.TB, args ...string) *Process {
	t.Helper()
	p := &Process{t: t, cmd: exec.Command("/proc/self/exe", args...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), exampleEnv+"=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("sending %v: %v%s", s, err, p.said())
	}
}

// WaitAttached waits until the example has attached a program: it has a descriptor of that, which the kernel gives out
// when the program runs already. Needs kernel 5.15.
func (p *Process) WaitAttached() {
	p.t.Helper()
	p.waitUntil("it has attached a program", func() bool {
		fds, _ := filepath.Glob("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/fd/*")
		for _, fd := range fds {
			if target, _ := os.Readlink(fd); target == "anon_inode:bpf_link" {
				return true
			}
		}
		return false
	})
}

// WaitOutput waits until what the example has printed so far is enough.
func (p *Process) WaitOutput(what string, enough func(stdout string) bool) {
	p.t.Helper()
	p.waitUntil("it has printed "+what, func() bool { return enough(p.stdout.String()) })
}

// WaitEnd waits until the example has ended, checks its exit status, and returns what it printed.
func (p *Process) WaitEnd(status int) (stdout, stderr string) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("waited %v until it ended%s", patience, p.said())
	}
	if got := p.cmd.ProcessState.ExitCode(); got != status {
		p.t.Fatalf("it ended with %v, want exit status %d%s", p.cmd.ProcessState, status, p.said())
	}
	return p.stdout.String(), p.stderr.String()
}

func (p *Process) waitUntil(what string, done func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.ended:
			p.t.Fatalf("ended (%v) before %s%s", p.cmd.ProcessState, what, p.said())
		default:
		}
		if done() {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("waited %v until %s%s", patience, what, p.said())
		}
	}
}

// said is for messages.
func (p *Process) said() string {
	const enough = 4 << 10
	stdout := p.stdout.String()
	if len(stdout) > enough {
		stdout = "…" + stdout[len(stdout)-enough:]
	}
	return "\nstdout:\n" + stdout + "\nstderr:\n" + p.stderr.String()
}

// TestUsage checks that arguments the example does not take are answered with its usage and status 2.
func TestUsage(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{{"-nonsense"}, {"-duration", "soon"}, {"argument"}} {
		stdout, stderr := Start(t, args...).WaitEnd(2)
		if stdout != "" || !strings.Contains(stderr, "Usage of ") || !strings.Contains(stderr, "-duration") {
			t.Errorf("%q: stdout %q, stderr %q; want the usage on stderr", args, stdout, stderr)
		}
	}
}

// TestInterruptedEarly checks that Ctrl-C ends the example quietly while it still compiles its program.
func TestInterruptedEarly(t *testing.T, args ...string) {
	t.Helper()
	p := Start(t, args...)
	p.waitUntil("it compiles", func() bool { return len(children(p.cmd.Process.Pid)) > 0 })
	p.Signal(os.Interrupt)
	if _, stderr := p.WaitEnd(0); stderr != "" {
		t.Errorf("stderr %q, want nothing", stderr)
	}
}

func children(pid int) []string {
	lists, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	var pids []string
	for _, list := range lists {
		b, _ := os.ReadFile(list)
		pids = append(pids, strings.Fields(string(b))...)
	}
	return pids
}

// output collects what a process prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
