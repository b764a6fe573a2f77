package fdguard_test

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/fdguard"
)

// guarded makes a guard of the reading end of a pipe. The writing end tells when it is closed.
func guarded(t testing.TB) (f *fdguard.FD, fd, writer int) {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(p[1]) })
	return fdguard.New(p[0]), p[0], p[1]
}

// closed tells whether nobody has the reading end anymore. The number alone would not: others may use it again.
func closed(t testing.TB, writer int) bool {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(writer), Events: unix.POLLOUT}}
	for {
		if _, err := unix.Poll(fds, 0); err != unix.EINTR {
			if err != nil {
				t.Error(err)
			}
			return fds[0].Revents&unix.POLLERR != 0
		}
	}
}

func TestOpen(t *testing.T) {
	f, fd, writer := guarded(t)
	defer f.Close()
	if f.Int() != fd {
		t.Errorf("Int() = %d, want %d", f.Int(), fd)
	}
	for range 3 { // they nest
		if got, ok := f.Acquire(); got != fd || !ok {
			t.Errorf("Acquire() = %d, %v; want %d", got, ok, fd)
		}
	}
	for range 3 {
		f.Release()
	}
	if closed(t, writer) {
		t.Error("the last Release closed it")
	}
}

func TestClose(t *testing.T) {
	f, _, writer := guarded(t)
	if closed(t, writer) {
		t.Fatal("closed at once")
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if !closed(t, writer) {
		t.Error("still open after Close")
	}
	if fd, ok := f.Acquire(); fd != -1 || ok {
		t.Errorf("Acquire() = %d, %v", fd, ok)
	}
	if f.Int() != -1 {
		t.Errorf("Int() = %d", f.Int())
	}
	for range 2 {
		if err := f.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("another Close: %v", err)
		}
	}
}

func TestCloseAnswersTheErrno(t *testing.T) {
	f := fdguard.New(1 << 30)
	if err := f.Close(); !errors.Is(err, unix.EBADF) {
		t.Errorf("Close: %v", err)
	}
	if err := f.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("another Close: %v", err)
	}
}

func TestCloseWaitsForUsers(t *testing.T) {
	f, fd, writer := guarded(t)
	const users = 3
	for range users {
		f.Acquire()
	}
	const closers = 4
	done := make(chan error, closers)
	for range closers {
		go func() { done <- f.Close() }()
	}
	for f.Int() != -1 { // until a Close has begun
		time.Sleep(time.Millisecond)
	}
	for left := users; left > 0; left-- {
		if got, ok := f.Acquire(); got != -1 || ok {
			t.Errorf("a new user while it closes: %d, %v", got, ok)
		}
		select {
		case err := <-done:
			t.Fatalf("Close did not wait for %d users: %v", left, err)
		case <-time.After(10 * time.Millisecond):
		}
		if _, err := unix.Write(writer, []byte("x")); err != nil {
			t.Errorf("%d users are left, and it is closed: %v", left, err)
		}
		if _, err := unix.Read(fd, make([]byte, 1)); err != nil {
			t.Errorf("a user cannot use it: %v", err)
		}
		f.Release()
	}
	first := 0
	for range closers {
		switch err := <-done; {
		case err == nil:
			first++
		case !errors.Is(err, os.ErrClosed):
			t.Error(err)
		}
		if !closed(t, writer) {
			t.Error("a Close returned before it was closed")
		}
	}
	if first != 1 {
		t.Errorf("%d of %d closed it", first, closers)
	}
}

// Whoever got the descriptor finds the pipe behind it, never what else gets its number after Close.
func TestUseFromManyGoroutines(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for range 40 {
		f, fd, writer := guarded(t)
		var pipe unix.Stat_t
		if err := unix.Fstat(fd, &pipe); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		var uses, firsts atomic.Int64
		start := make(chan struct{})
		for range 8 {
			all.Go(func() {
				<-start
				for {
					got, ok := f.Acquire()
					if !ok {
						return
					}
					uses.Add(1)
					var st unix.Stat_t
					if err := unix.Fstat(got, &st); err != nil || st.Ino != pipe.Ino {
						t.Errorf("in use: %v, inode %d, want %d", err, st.Ino, pipe.Ino)
					}
					f.Release()
				}
			})
		}
		for range 2 {
			all.Go(func() {
				<-start
				for uses.Load() < 20 {
					time.Sleep(time.Microsecond)
				}
				err := f.Close()
				if err == nil {
					firsts.Add(1)
				} else if !errors.Is(err, os.ErrClosed) {
					t.Error(err)
				}
				if !closed(t, writer) {
					t.Error("Close returned before it was closed")
				}
				// Takes the number, so that a late user would find something else.
				if dup, err := unix.FcntlInt(null.Fd(), unix.F_DUPFD_CLOEXEC, fd); err != nil {
					t.Error(err)
				} else {
					unix.Close(dup)
				}
			})
		}
		close(start)
		all.Wait()
		if firsts.Load() != 1 {
			t.Fatalf("%d of 2 closed it", firsts.Load())
		}
	}
}
