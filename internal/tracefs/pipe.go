package tracefs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// readSize is the room for one read. The kernel returns at most 8 KiB (two
// pages) at once.
const readSize = 16 << 10

// Pipe reads the kernel's trace_pipe, to which all BPF programs of the machine
// write with bpf_trace_printk. Reading takes the lines away from any other
// reader, and newer kernels let only one have it open.
//
// Its methods may be called from any goroutine.
type Pipe struct {
	fd    int
	waker waker

	reader  chan struct{} // holds a token while a reader is in flight
	closing chan struct{} // closed by Close
	once    sync.Once
	err     error

	buf     []byte
	start   int // buf[start:] was read and not returned yet
	scanned int // buf[start:scanned] holds no newline
}

// OpenPipe opens trace_pipe. The error matches [unix.EBUSY] if another reader
// has it open. Without root it matches [os.ErrPermission].
func OpenPipe() (*Pipe, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	return openPipe(filepath.Join(root, "trace_pipe"))
}

// openPipe opens the trace_pipe at path.
func openPipe(path string) (*Pipe, error) {
	fd, err := openRetry(path)
	if err != nil {
		err = &os.PathError{Op: "open", Path: path, Err: err}
		if errors.Is(err, unix.EBUSY) {
			return nil, fmt.Errorf("%w: another reader has it open, and the kernel allows one at a time", err)
		}
		return nil, err
	}
	return newPipe(fd)
}

// openRetry opens path for reading without waiting. A signal may interrupt it.
func openRetry(path string) (int, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// newPipe takes over fd.
func newPipe(fd int) (*Pipe, error) {
	p := &Pipe{fd: fd, reader: make(chan struct{}, 1), closing: make(chan struct{})}
	if err := p.waker.open(); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return p, nil
}

// ReadLine returns the next line, without its newline. It waits until there is
// one, ctx is done (then the error is [context.Cause] of it), or Close is
// called (then it is [os.ErrClosed]). A line read in part is kept for the next
// call. Lines may be empty: a program that ends its message with a newline
// makes an empty one, as the kernel adds its own.
func (p *Pipe) ReadLine(ctx context.Context) (string, error) {
	if err := p.stopped(ctx); err != nil {
		return "", err
	}
	select {
	case p.reader <- struct{}{}:
	case <-p.closing:
		return "", os.ErrClosed
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { <-p.reader }()
	for {
		if err := p.stopped(ctx); err != nil {
			return "", err
		}
		if line, ok := p.next(); ok {
			return line, nil
		}
		if err := p.fill(ctx); err != nil {
			return "", err
		}
	}
}

// Close closes trace_pipe. It ends a ReadLine that waits, and returns once that
// one is done. Lines not returned yet are lost. Later calls do nothing.
func (p *Pipe) Close() error {
	p.once.Do(func() {
		close(p.closing)
		p.waker.wake()
		p.reader <- struct{}{} // never given back: nobody reads any more
		p.waker.close()
		p.buf = nil
		if err := unix.Close(p.fd); err != nil && err != unix.EINTR {
			p.err = os.NewSyscallError("close", err)
		}
	})
	return p.err
}

// stopped returns why no more may be read: Close or ctx.
func (p *Pipe) stopped(ctx context.Context) error {
	select {
	case <-p.closing:
		return os.ErrClosed
	default:
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// next takes a whole line off what was read.
func (p *Pipe) next() (string, bool) {
	i := bytes.IndexByte(p.buf[p.scanned:], '\n')
	if i < 0 {
		p.scanned = len(p.buf)
		return "", false
	}
	end := p.scanned + i
	line := string(p.buf[p.start:end])
	p.start, p.scanned = end+1, end+1
	return line, true
}

// read adds what trace_pipe has right now to buf, and reports whether that was
// anything. An end of file is not the end: the kernel reports one while tracing
// is off.
func (p *Pipe) read() (bool, error) {
	// What is left is at most the start of a line, so moving it is cheap.
	p.buf = append(p.buf[:0], p.buf[p.start:]...)
	p.scanned -= p.start
	p.start = 0
	p.buf = slices.Grow(p.buf, readSize)
	n, err := unix.Read(p.fd, p.buf[len(p.buf):cap(p.buf)])
	switch err {
	case nil:
		p.buf = p.buf[:len(p.buf)+n]
		return n > 0, nil
	case unix.EAGAIN, unix.EINTR:
		return false, nil
	}
	return false, os.NewSyscallError("read trace_pipe", err)
}
