package libbcc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/userspace"
)

// childName is the private argv[0] of the child; CHILD_ARGV0 in wire.h.
const childName = "gobcc-compile-child"

// HelperCommand is the command that is the child where this executable cannot be.
const HelperCommand = "gobcc-compile"

var (
	// ErrNoCompiler means that this program holds no compile child and that gobcc-compile is not installed.
	ErrNoCompiler = errors.New("no compiler in this program: it was built without cgo, is statically linked, or the library is " +
		"part of a foreign executable; install the command with: go install github.com/gobcc/bcc/cmd/gobcc-compile")
	// ErrNoLibrary means that libbcc.so.0 cannot be opened on this machine.
	ErrNoLibrary = errors.New("libbcc.so.0 not found: install libbpfcc (Debian, Ubuntu) or bcc (Fedora, Arch, Alpine)")
	// ErrTimeout means that the child gave no answer in time.
	ErrTimeout = errors.New("the compile child gave no answer in time")
)

// Limit is how long a child may take. BCC's largest tools compile in some seconds.
var limit = 10 * time.Minute

// drain is how long the output of an ended child is waited for, while a process that it left behind holds the pipes.
var drain = 5 * time.Second

// slots keeps the children to as many as there are processors.
var slots = make(chan struct{}, runtime.NumCPU())

// ChildError means that the child ended without an answer, or with one that makes no sense.
type ChildError struct {
	Err    error  // how it ended
	Output string // what it printed
}

func (e *ChildError) Error() string {
	s := "compile child: " + e.Err.Error()
	if out := strings.TrimSpace(e.Output); out != "" {
		s += ": " + out
	}
	return s
}

// Unwrap returns how the child ended.
func (e *ChildError) Unwrap() error { return e.Err }

// outcome is what a child left behind.
type outcome struct {
	reply          []byte
	stdout, stderr string
}

// executable is the file to execute as the child.
func executable() (string, error) {
	if selfIsChild() {
		return "/proc/self/exe", nil
	}
	if privileged() {
		return "", fmt.Errorf("%w; and a program with more rights than its caller does not look for it in PATH", ErrNoCompiler)
	}
	path, err := exec.LookPath(HelperCommand)
	if err != nil {
		return "", ErrNoCompiler
	}
	if os.Geteuid() == 0 {
		if path, err = userspace.Trusted(path); err != nil {
			return "", fmt.Errorf("%s is not used: %w", HelperCommand, err)
		}
	}
	return path, nil
}

// HasChild tells whether this executable can be the child itself.
func HasChild() bool { return selfIsChild() }

// run sends a request to a new child and returns its answer.
func run(ctx context.Context, request []byte, env []string) (*outcome, error) {
	path, err := executable()
	if err != nil {
		return nil, err
	}
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, ErrTimeout)
	defer cancel()

	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	var stdout, stderr capture
	cmd := command(ctx, path, env)
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr

	// The child is to die with this process. The kernel ties that to the thread that forked, which must live as long.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err = cmd.Start()
	theirs.Close()
	if ctx.Err() != nil && err != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("starting the compile child %s: %w", path, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		settle(cmd.Process.Pid, ours)
	}()
	reply, talkErr := talk(ours, request)
	hangUp(ours) // or a child that says more than it announced would wait for ever
	if talkErr != nil && !errors.Is(talkErr, io.EOF) && !errors.Is(talkErr, unix.EPIPE) && !errors.Is(talkErr, unix.ECONNRESET) {
		cmd.Cancel() // it is alive and talks nonsense
	}
	<-ended
	waitErr := cmd.Wait()
	if ctx.Err() != nil {
		return nil, &ChildError{Err: context.Cause(ctx), Output: stderr.String()}
	}
	if errors.Is(talkErr, errGarbage) {
		waitErr = nil // it was killed for that
	}
	if err := ending(waitErr, talkErr); err != nil {
		return nil, &ChildError{Err: err, Output: stderr.String()}
	}
	return &outcome{reply, stdout.String(), stderr.String()}, nil
}

// settle waits for the end of a child and ends what it left behind, and the talk: others can hold its end of the socket.
// It does not reap the child, whose number stays its own until then.
func settle(pid int, ours *os.File) {
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	unix.Kill(-pid, unix.SIGKILL)
	hangUp(ours)
}

// hangUp ends the talk. What has arrived can still be read.
func hangUp(socket *os.File) { unix.Shutdown(int(socket.Fd()), unix.SHUT_RDWR) }

func command(ctx context.Context, path string, env []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path)
	cmd.Args = []string{childName}
	cmd.Env = append(environment(), env...)
	cmd.WaitDelay = drain
	// A group of its own: libbcc may start commands (tar, modprobe), which must end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	return cmd
}

func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("making a socket for the compile child: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "gobcc-compile"), os.NewFile(uintptr(fds[1]), "gobcc-compile-child"), nil
}

// talk sends the request and reads the reply.
func talk(socket io.ReadWriter, request []byte) ([]byte, error) {
	_, writeErr := socket.Write(request)
	reply, err := readReply(socket)
	if err != nil && writeErr != nil && !errors.Is(err, errGarbage) {
		err = writeErr // a child that does not read has ended, or is about to
	}
	return reply, err
}

// ending turns the ways in which a child can end into one error.
func ending(waitErr, talkErr error) error {
	var exit *exec.ExitError
	if errors.As(waitErr, &exit) {
		return fmt.Errorf("ended early: %w", waitErr)
	}
	if errors.Is(talkErr, io.EOF) {
		return errors.New("ended without an answer")
	}
	if talkErr != nil {
		return talkErr
	}
	return waitErr
}
