package module

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/caps"
)

// attach makes a link of what f attaches. The program stays open meanwhile.
func (p *Program) attach(op, target string, f func(*ebpf.Program) (link.Link, error)) (*Link, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.prog == nil {
		return nil, p.closed()
	}
	made, err := f(p.prog)
	if err != nil {
		return nil, attachError(op, target, p.name, err)
	}
	l := &Link{op: op, target: target, program: p, link: made}
	if err := p.module.addLink(l); err != nil {
		made.Close()
		return nil, err
	}
	return l, nil
}

// hinted is an error with a hint for AttachError.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func attachError(op, target, function string, err error) error {
	e := &AttachError{Op: op, Target: target, Function: function, Err: err}
	var h hinted
	switch {
	case errors.As(err, &h):
		e.Err, e.Hint = h.error, h.hint
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		e.Hint = caps.Hint(caps.BPF, caps.Perfmon)
	}
	return e
}

// wrongType is the error of a program that was loaded as something that cannot be attached so.
func (p *Program) wrongType(want ProgType) error {
	if p.typ == want {
		return nil
	}
	return fmt.Errorf("the function is loaded as %s, expected %s", p.typ, want)
}
