// Package fdguard holds a file descriptor that may be closed while others use it.
package fdguard

import (
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// FD is an open file descriptor. Make it with [New].
type FD struct {
	fd    int
	state atomic.Int64 // users, plus closing once Close was called
	idle  chan struct{}
	once  sync.Once
	err   error
}

const closing = 1 << 32

// New takes over fd.
func New(fd int) *FD { return &FD{fd: fd, idle: make(chan struct{})} }

// Acquire returns the descriptor for use until [FD.Release]; false once it is closed.
func (f *FD) Acquire() (int, bool) {
	if f.state.Add(1) >= closing {
		f.Release()
		return -1, false
	}
	return f.fd, true
}

// Release ends what Acquire began.
func (f *FD) Release() {
	if f.state.Add(-1) == closing {
		f.finish()
	}
}

// Int is the descriptor's number, -1 once it is closed. It says nothing about how long it stays open.
func (f *FD) Int() int {
	if f.state.Load() >= closing {
		return -1
	}
	return f.fd
}

// finish may be reached by several users that come and go after Close.
func (f *FD) finish() {
	f.once.Do(func() {
		f.err = unix.Close(f.fd)
		close(f.idle)
	})
}

// Close waits for the users in flight and closes the descriptor. Only the first call does; later ones return
// os.ErrClosed.
func (f *FD) Close() error {
	for {
		s := f.state.Load()
		if s >= closing {
			<-f.idle
			return os.ErrClosed
		}
		if f.state.CompareAndSwap(s, s+closing) {
			if s == 0 {
				f.finish()
			}
			<-f.idle
			return f.err
		}
	}
}
