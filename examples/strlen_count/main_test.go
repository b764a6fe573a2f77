package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gobcc/bcc/examples/internal/exampletest"
	"github.com/gobcc/bcc/internal/testutil"
)

func TestMain(m *testing.M) {
	exampletest.Main(main)
	testutil.KernelMain(m)
}

func TestStrlenCount(t *testing.T) {
	t.Run("usage", func(t *testing.T) { exampletest.TestUsage(t) })
	t.Run("one process", func(t *testing.T) { countsOne(t) })
	t.Run("all processes", func(t *testing.T) { countsAll(t) })
	t.Run("duration", func(t *testing.T) { lasts(t) })
	t.Run("interrupted early", func(t *testing.T) {
		needs(t)
		exampletest.TestInterruptedEarly(t)
	})
	t.Run("no process", func(t *testing.T) { hasNoProcess(t) })
}

func countsOne(t *testing.T) {
	needs(t)
	traced, other := startShell(t), startShell(t)
	p := exampletest.Start(t, "-pid", strconv.Itoa(traced.pid))
	p.WaitAttached()
	rare, frequent, long, hidden := mark("rare"), mark("frequent"), mark(strings.Repeat("long", 30)), mark("hidden")
	traced.use(rare, 2)
	traced.use(frequent, 9)
	traced.use(long, 1)
	other.use(hidden, 2)
	p.Signal(os.Interrupt)
	stdout, stderr := p.WaitEnd(0)

	if stderr != "" {
		t.Errorf("stderr %q, want nothing", stderr)
	}
	counts := parse(t, stdout)
	if counts[rare] < 2 || counts[frequent] < 9 || counts[frequent] <= counts[rare] {
		t.Errorf("%q: %d, %q: %d, want at least 2 and 9:\n%s", rare, counts[rare], frequent, counts[frequent], stdout)
	}
	if cut := long[:79]; counts[cut] < 1 {
		t.Errorf("%q: %d, want at least 1:\n%s", cut, counts[cut], stdout)
	}
	if counts[hidden] > 0 {
		t.Errorf("%q is of another process:\n%s", hidden, stdout)
	}
}

// countsAll slows down the whole machine, for some milliseconds.
func countsAll(t *testing.T) {
	needs(t)
	one, other := startShell(t), startShell(t)
	p := exampletest.Start(t)
	p.WaitAttached()
	first, second := mark("first"), mark("second")
	one.use(first, 1)
	other.use(second, 1)
	p.Signal(os.Interrupt)
	stdout, _ := p.WaitEnd(0)
	if counts := parse(t, stdout); counts[first] < 1 || counts[second] < 1 {
		t.Errorf("%q: %d, %q: %d, want at least 1:\n%s", first, counts[first], second, counts[second], stdout)
	}
}

func lasts(t *testing.T) {
	needs(t)
	const duration = time.Second
	sh := startShell(t)
	p, start := exampletest.Start(t, "-pid", strconv.Itoa(sh.pid), "-duration", duration.String()), time.Now()
	stdout, stderr := p.WaitEnd(0)
	if counts := parse(t, stdout); len(counts) > 0 || stderr != "" {
		t.Errorf("stdout %q, stderr %q; want no counts of a process that waits, and no error", stdout, stderr)
	}
	if took := time.Since(start); took < duration {
		t.Errorf("ended after %v, want at least %v", took, duration)
	}
}

func hasNoProcess(t *testing.T) {
	needs(t)
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	stdout, stderr := exampletest.Start(t, "-pid", strconv.Itoa(ended.Process.Pid)).WaitEnd(1)
	if stdout != "" || !strings.HasPrefix(stderr, "strlen_count: attach uprobe c:strlen ") {
		t.Errorf("stdout %q, stderr %q; want an error on stderr", stdout, stderr)
	}
}

func needs(t *testing.T) {
	testutil.Root(t)
	testutil.Libbcc(t)
	testutil.Headers(t)
}

// mark makes a string that no other process has.
func mark(name string) string {
	return fmt.Sprintf("%d_%d_%s", os.Getpid(), time.Now().UnixNano(), name)
}

var row = regexp.MustCompile(`^ *(\d+) (".*")$`)

// parse reads the table and checks that it is in order.
func parse(t *testing.T, stdout string) map[string]int {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if lines[0] != "     COUNT STRING" {
		t.Fatalf("first line %q:\n%s", lines[0], stdout)
	}
	counts := map[string]int{}
	var order []int
	for _, line := range lines[1:] {
		m := row.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("line %q:\n%s", line, stdout)
		}
		text, err := strconv.Unquote(m[2])
		if err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		n, _ := strconv.Atoi(m[1])
		counts[text] = n
		order = append(order, n)
	}
	if !slices.IsSorted(order) {
		t.Errorf("not in order:\n%s", stdout)
	}
	return counts
}

// shell is a process that calls strlen with the lines that it gets.
type shell struct {
	t      *testing.T
	pid    int
	input  io.Writer
	answer *bufio.Reader
}

func startShell(t *testing.T) *shell {
	t.Helper()
	cmd := exec.Command("sh", "-c", `while read -r line; do copy=$line; echo "$copy"; done`)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		cmd.Wait()
	})
	s := &shell{t, cmd.Process.Pid, input, bufio.NewReader(output)}
	s.use("ready", 1) // it has loaded the C library
	return s
}

// use makes the shell use a text, so often.
func (s *shell) use(text string, times int) {
	s.t.Helper()
	for range times {
		if _, err := fmt.Fprintln(s.input, text); err != nil {
			s.t.Fatal(err)
		}
		if got, err := s.answer.ReadString('\n'); err != nil || got != text+"\n" {
			s.t.Fatalf("sh answered %q (%v), want %q", got, err, text)
		}
	}
}
