package tracefs

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// napMax is the longest pause between attempts to read while the kernel says
// that there is something to read and then has nothing.
const napMax = 100 * time.Millisecond

// fill waits until something can be read and reads it. It returns no error and
// nothing new if there is something to check: Close or ctx.
func (p *Pipe) fill(ctx context.Context) error {
	var stop func() bool
	nap := time.Duration(0)
	for {
		// Read before poll: what the kernel has left of a long line does not
		// count for poll.
		got, err := p.read()
		if got || err != nil {
			return err
		}
		if stop == nil {
			stop = context.AfterFunc(ctx, p.waker.wake)
			defer stop()
		}
		// The block option makes poll say so without end. Do not spin.
		if nap > 0 {
			if woken, err := p.pause(nap); woken || err != nil {
				return err
			}
		}
		woken, err := p.poll()
		if woken || err != nil {
			return err
		}
		nap = min(max(time.Millisecond, 2*nap), napMax)
	}
}

// poll waits until trace_pipe can be read or wake is called, and reports
// whether it was the latter.
func (p *Pipe) poll() (woken bool, err error) {
	fds := []unix.PollFd{
		{Fd: int32(p.waker.fd), Events: unix.POLLIN},
		{Fd: int32(p.fd), Events: unix.POLLIN},
	}
	if err := pollRetry(fds, -1); err != nil {
		return false, err
	}
	return fds[0].Revents != 0 && p.waker.drain(), nil
}

// pause waits for some time or until wake is called, and reports whether it was
// the latter.
func (p *Pipe) pause(d time.Duration) (woken bool, err error) {
	fds := []unix.PollFd{{Fd: int32(p.waker.fd), Events: unix.POLLIN}}
	if err := pollRetry(fds, int(d.Milliseconds())); err != nil {
		return false, err
	}
	return fds[0].Revents != 0 && p.waker.drain(), nil
}

// pollRetry is poll(2), again after a signal.
func pollRetry(fds []unix.PollFd, milliseconds int) error {
	for {
		_, err := unix.Poll(fds, milliseconds)
		if err != unix.EINTR {
			return os.NewSyscallError("poll", err)
		}
	}
}
