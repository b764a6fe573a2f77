package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gobcc/bcc/examples/internal/exampletest"
	"github.com/gobcc/bcc/internal/testutil"
)

func TestMain(m *testing.M) {
	exampletest.Main(main)
	testutil.KernelMain(m)
}

func TestHelloWorld(t *testing.T) {
	t.Run("usage", func(t *testing.T) { exampletest.TestUsage(t) })
	t.Run("tracepoint, SIGINT", func(t *testing.T) { greets(t, os.Interrupt) })
	t.Run("tracepoint, SIGTERM", func(t *testing.T) { greets(t, syscall.SIGTERM) })
	t.Run("duration", func(t *testing.T) { lasts(t) })
	t.Run("no kprobes", func(t *testing.T) { lacksKprobes(t) })
}

func TestGuestKprobe(t *testing.T) {
	testutil.Kprobes(t)
	greets(t, os.Interrupt, "-kprobe")
}

// greets starts the example, forks, and looks for the lines of that.
func greets(t *testing.T, end os.Signal, args ...string) {
	needs(t)
	p := exampletest.Start(t, args...)
	p.WaitAttached()
	const forks = 3
	sh := exec.Command("sh", "-c", "(:); (:); (:); wait")
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("sh: %v\n%s", err, out)
	}
	// "              sh-1234    [001] .....  5678.901234: bpf_trace_printk: Hello, World!"; the name may be lost: "<...>".
	greeting := regexp.MustCompile(fmt.Sprintf(`(?m)^ *\S+-%d +\[\d+\] .*: Hello, World!$`, sh.Process.Pid))
	p.WaitOutput(fmt.Sprintf("%d lines of process %d", forks, sh.Process.Pid), func(stdout string) bool {
		return len(greeting.FindAllString(stdout, -1)) >= forks
	})
	p.Signal(end)
	stdout, stderr := p.WaitEnd(0)
	if got := len(greeting.FindAllString(stdout, -1)); got != forks {
		t.Errorf("%d lines of process %d, want %d:\n%s", got, sh.Process.Pid, forks, stdout)
	}
	if stderr != "" {
		t.Errorf("stderr %q, want nothing", stderr)
	}
}

func lasts(t *testing.T) {
	needs(t)
	const duration = time.Second
	p, start := exampletest.Start(t, "-duration", duration.String()), time.Now()
	if _, stderr := p.WaitEnd(0); stderr != "" {
		t.Errorf("stderr %q, want nothing", stderr)
	}
	if took := time.Since(start); took < duration {
		t.Errorf("ended after %v, want at least %v", took, duration)
	}
}

func lacksKprobes(t *testing.T) {
	needs(t)
	if _, err := os.Stat("/sys/bus/event_source/devices/kprobe"); !errors.Is(err, fs.ErrNotExist) {
		t.Skip("this kernel has kprobes")
	}
	stdout, stderr := exampletest.Start(t, "-kprobe").WaitEnd(1)
	if stdout != "" || !strings.HasPrefix(stderr, "hello_world: ") || !strings.Contains(stderr, "lacks kprobes") ||
		strings.Count(stderr, "\n") != 1 {
		t.Errorf("stdout %q, stderr %q; want a line on stderr that kprobes are missing", stdout, stderr)
	}
}

func needs(t *testing.T) {
	testutil.Root(t)
	testutil.Libbcc(t)
	testutil.Headers(t)
	testutil.Tracefs(t)
	testutil.Lock(t, "trace_pipe")
}
