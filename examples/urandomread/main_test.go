package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/examples/internal/exampletest"
	"github.com/gobcc/bcc/internal/testutil"
)

func TestMain(m *testing.M) {
	exampletest.Main(main)
	testutil.KernelMain(m)
}

func TestUrandomread(t *testing.T) {
	t.Run("usage", func(t *testing.T) { exampletest.TestUsage(t) })
	t.Run("trace", func(t *testing.T) {
		testutil.Root(t)
		testutil.Tracefs(t)
		if !bcc.TracepointExists("random", "urandom_read") {
			t.Skip("this kernel has no tracepoint random:urandom_read")
		}
		traces(t)
	})
	t.Run("no tracepoint", func(t *testing.T) {
		testutil.Root(t)
		testutil.Tracefs(t)
		if bcc.TracepointExists("random", "urandom_read") {
			t.Skip("this kernel has the tracepoint random:urandom_read")
		}
		stdout, stderr := exampletest.Start(t, "-duration", "1s").WaitEnd(1)
		const want = "urandomread: no tracepoint random:urandom_read: Linux 5.18 removed it, or tracefs is not mounted or not readable\n"
		if stdout != "" || stderr != want {
			t.Errorf("stdout %q, stderr %q; want %q on stderr", stdout, stderr, want)
		}
	})
}

func traces(t *testing.T) {
	testutil.Libbcc(t)
	testutil.Headers(t)
	testutil.Lock(t, "trace_pipe")
	p := exampletest.Start(t)
	p.WaitAttached()
	head := exec.Command("head", "-c", "100", "/dev/urandom")
	if err := head.Run(); err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(fmt.Sprintf(`(?m)^\d+\.\d{9} +\S+ +%d +\d+$`, head.Process.Pid))
	p.WaitOutput(fmt.Sprintf("a line of process %d", head.Process.Pid), line.MatchString)
	p.Signal(os.Interrupt)
	stdout, stderr := p.WaitEnd(0)
	if !strings.HasPrefix(stdout, "TIME(s) ") || stderr != "" {
		t.Errorf("stdout %q, stderr %q; want a heading and nothing on stderr", stdout, stderr)
	}
}
