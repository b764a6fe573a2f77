package bcc_test

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// target is a running testdata/target.c.
type target struct {
	path  string
	pid   int
	stdin io.WriteCloser
	lines *bufio.Scanner
}

func startTarget(t *testing.T) *target {
	t.Helper()
	path := filepath.Join(t.TempDir(), "target")
	if out, err := exec.Command("gcc", "-O1", "-o", path, "testdata/target.c").CombinedOutput(); err != nil {
		t.Skipf("gcc is needed to build a program to trace: %v\n%s", err, out)
	}
	cmd := exec.Command(path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	p := &target{path, cmd.Process.Pid, stdin, bufio.NewScanner(stdout)}
	p.expect(t, "ready")
	return p
}

// run lets it make its calls.
func (p *target) run(t *testing.T) {
	t.Helper()
	io.WriteString(p.stdin, "go\n")
	p.expect(t, "done")
}

func (p *target) expect(t *testing.T, word string) {
	t.Helper()
	if !p.lines.Scan() || !strings.HasPrefix(p.lines.Text(), word) {
		t.Fatalf("the traced program says %q, expected %s", p.lines.Text(), word)
	}
}
