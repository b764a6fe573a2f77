package module

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/tracefs"
)

// AttachTracepoint runs the program whenever the kernel passes a tracepoint, such as sched and sched_switch. The program
// must be of type ebpf.TracePoint.
//
// A tracepoint that does not exist is an [*AttachError] that names near ones and matches os.ErrNotExist.
func (p *Program) AttachTracepoint(category, name string) (*Link, error) {
	target := category + ":" + name
	return p.attach("tracepoint", target, func(prog *ebpf.Program) (link.Link, error) {
		if err := p.wrongType(ebpf.TracePoint); err != nil {
			return nil, err
		}
		if _, err := tracefs.Root(); err != nil {
			return nil, err
		}
		if !tracefs.Exists(category, name) {
			return nil, hinted{fmt.Errorf("no such tracepoint: %w", os.ErrNotExist), didYouMean(tracefs.Near(target))}
		}
		return link.Tracepoint(category, name, prog, nil)
	})
}

// AttachRawTracepoint runs the program whenever the kernel passes a tracepoint, with its arguments as the kernel has
// them: cheaper than [Program.AttachTracepoint]. The program must be of type ebpf.RawTracepoint. Needs kernel 4.17.
//
// A tracepoint that does not exist is an [*AttachError] that names near ones and matches os.ErrNotExist.
func (p *Program) AttachRawTracepoint(name string) (*Link, error) {
	return p.attach("raw tracepoint", name, func(prog *ebpf.Program) (link.Link, error) {
		if err := p.wrongType(ebpf.RawTracepoint); err != nil {
			return nil, err
		}
		l, err := link.AttachRawTracepoint(link.RawTracepointOptions{Name: name, Program: prog})
		if errors.Is(err, unix.ENOENT) {
			return nil, hinted{fmt.Errorf("no such tracepoint: %w", os.ErrNotExist), didYouMean(nearEvents(name))}
		}
		return l, err
	})
}

// nearEvents returns tracepoints' names like a wrong one, whatever their categories.
func nearEvents(name string) []string {
	var events []string
	for _, e := range tracefs.Near(name) {
		_, event, _ := strings.Cut(e, ":")
		events = append(events, event)
	}
	return events
}
