package harness

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Limit is how long one run of a peer may take.
const Limit = 5 * time.Minute

// Peer is one program of a comparison.
type Peer struct {
	Name    string
	Command []string
	Err     error // why the peer cannot run here; it is left out, and the table says so
}

// Evidence looks at a peer that is ready and returns what all peers of a case must have in common, such as the tag of the
// program that they brought into the kernel.
type Evidence func(pid int) (string, error)

// run runs a peer once.
func (p *Peer) run(ctx context.Context, look Evidence) (s Sample, evidence string, err error) {
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	cache, err := os.MkdirTemp("", "gobcc-bench")
	if err != nil {
		return s, "", err
	}
	defer os.RemoveAll(cache)

	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, p.Command[0], p.Command[1:]...)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache) // every start is a first start
	cmd.Stderr = &stderr
	stdin, errIn := cmd.StdinPipe()
	stdout, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut); err != nil {
		return s, "", err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return s, "", err
	}
	err = ready(stdout)
	s.Wall = milliseconds(time.Since(begin))
	if err == nil {
		s.RSS, err = resident(cmd.Process.Pid)
	}
	if err == nil && look != nil {
		evidence, err = look(cmd.Process.Pid)
	}
	stdin.Close()
	err = errors.Join(err, cmd.Wait())
	if err != nil {
		return s, "", fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	s.CPU = milliseconds(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
	// Of the largest process of the peer. Not below this process's own: the kernel counts what was there before exec.
	s.Peak = float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	return s, evidence, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ready waits for the line READY.
func ready(stdout io.Reader) error {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if lines.Text() == "READY" {
			return nil
		}
	}
	return errors.Join(errors.New("it ended before it was ready"), lines.Err())
}

// resident returns the resident memory of a process, in MiB.
func resident(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return statusField(string(status), "VmRSS")
}

func statusField(status, name string) (float64, error) {
	for line := range strings.Lines(status) {
		rest, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		var kib float64
		if _, err := fmt.Sscanf(rest, "%f kB", &kib); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		return kib / 1024, nil
	}
	return 0, fmt.Errorf("no %s", name)
}
