package tracefs

import (
	"encoding/binary"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// waker ends a poll from another goroutine, by an eventfd.
type waker struct {
	mu sync.Mutex
	fd int // changed under mu; a reader, during which it stays, needs no lock
}

func (w *waker) open() error {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	w.fd = fd
	return os.NewSyscallError("eventfd", err)
}

// wake makes the eventfd readable. It may come late, from a context that was
// done as its reader returned: then the next reader wakes for nothing, or the
// eventfd is closed and its number may be another file's.
func (w *waker) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd >= 0 {
		// Fails only if the count would overflow, and then it is readable.
		unix.Write(w.fd, binary.NativeEndian.AppendUint64(nil, 1))
	}
}

// drain makes the eventfd unreadable again and returns true, for its callers.
func (w *waker) drain() bool {
	var count [8]byte
	unix.Read(w.fd, count[:])
	return true
}

func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	unix.Close(w.fd)
	w.fd = -1
}
