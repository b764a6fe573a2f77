package tracefs_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/tracefs"
)

// testPipe returns a Pipe that reads what is written to the returned file,
// which is a pipe(2) and needs no root.
func testPipe(t *testing.T) (*tracefs.Pipe, *os.File) {
	t.Helper()
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	w := os.NewFile(uintptr(fds[1]), "pipe")
	t.Cleanup(func() { w.Close() })
	p, err := tracefs.NewPipe(fds[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, w
}

// write writes text to w.
func write(t *testing.T, w *os.File, text string) {
	t.Helper()
	if _, err := w.WriteString(text); err != nil {
		t.Error(err)
	}
}

// wantLine reads one line and compares it.
func wantLine(t *testing.T, p *tracefs.Pipe, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if got, err := p.ReadLine(ctx); err != nil || got != want {
		t.Fatalf("got %.100q (%d bytes), %v; want %.100q (%d bytes)", got, len(got), err, want, len(want))
	}
}

func TestReadLine(t *testing.T) {
	p, w := testPipe(t)
	write(t, w, "one\n\ntwo\nthr")
	wantLine(t, p, "one")
	wantLine(t, p, "")
	wantLine(t, p, "two")

	// A part of a line outlives a call that gives up.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got, err := p.ReadLine(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %q, %v", got, err)
	}
	time.AfterFunc(20*time.Millisecond, func() { write(t, w, "ee\nfour\n") })
	wantLine(t, p, "three")
	wantLine(t, p, "four")
}

func TestReadLineLong(t *testing.T) {
	p, w := testPipe(t)
	long := strings.Repeat("0123456789", 20_000) // more than the buffer and the pipe hold
	done := make(chan struct{})
	go func() {
		defer close(done)
		write(t, w, long+"\n"+long+"x\nend\n")
	}()
	wantLine(t, p, long)
	wantLine(t, p, long+"x")
	wantLine(t, p, "end")
	<-done
}

func TestReadLineContext(t *testing.T) {
	p, w := testPipe(t)
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(20*time.Millisecond, func() { cancel(why) })
	if got, err := p.ReadLine(ctx); err != why {
		t.Fatalf("while waiting: %q, %v", got, err)
	}
	write(t, w, "kept\n")
	if got, err := p.ReadLine(ctx); err != why {
		t.Fatalf("with a line there: %q, %v", got, err)
	}
	wantLine(t, p, "kept")
}

// TestReadLineEOF checks that an end of file makes ReadLine wait, not spin.
func TestReadLineEOF(t *testing.T) {
	p, w := testPipe(t)
	w.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	before := cpuTime(t)
	if got, err := p.ReadLine(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %q, %v", got, err)
	}
	if used := cpuTime(t) - before; used > 100*time.Millisecond {
		t.Errorf("used %v of CPU time while it waited", used)
	}
}

// cpuTime is the CPU time that the process has used.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestClose(t *testing.T) {
	p, w := testPipe(t)
	write(t, w, "unread\nlines\n")
	wantLine(t, p, "unread")
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), ctx} {
		if got, err := p.ReadLine(ctx); !errors.Is(err, os.ErrClosed) {
			t.Errorf("after Close: %q, %v", got, err)
		}
	}
}

// TestCloseWakesReaders has one reader in flight and others in the queue.
func TestCloseWakesReaders(t *testing.T) {
	p, _ := testPipe(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got, err := p.ReadLine(t.Context()); !errors.Is(err, os.ErrClosed) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	for range 2 {
		wg.Go(func() {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestReadersStress has readers whose contexts end all the time. No line may be
// lost, and no wake-up.
func TestReadersStress(t *testing.T) {
	const total = 2000
	p, w := testPipe(t)
	go func() {
		for range total {
			write(t, w, "a line\n")
		}
	}()
	var mu sync.Mutex
	var wg sync.WaitGroup
	got := 0
	for range 4 {
		wg.Go(func() {
			for {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Microsecond)
				line, err := p.ReadLine(ctx)
				cancel()
				mu.Lock()
				if err == nil && line == "a line" {
					got++
				} else if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %q, %v", line, err)
				}
				done := got >= total || t.Failed()
				mu.Unlock()
				if done {
					return
				}
			}
		})
	}
	wg.Wait()
}
