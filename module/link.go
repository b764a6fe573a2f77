package module

import (
	"fmt"
	"os"
	"sync"

	"github.com/cilium/ebpf/link"
)

// Link is a program attached to something. It is safe for concurrent use.
type Link struct {
	op, target string
	program    *Program

	mu   sync.Mutex
	link link.Link // nil once closed
}

// Kind is what kind of attachment it is: "tracepoint", "uprobe", …
func (l *Link) Kind() string { return l.op }

// Target is what the program is attached to, as it was asked for.
func (l *Link) Target() string { return l.target }

// Program is what is attached.
func (l *Link) Program() *Program { return l.program }

// String is for messages: kind, target and function.
func (l *Link) String() string {
	return fmt.Sprintf("%s %s (function %s)", l.op, l.target, l.program.name)
}

// Close detaches the program. A second Close answers os.ErrClosed.
func (l *Link) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.link == nil {
		return fmt.Errorf("link %s: %w", l, os.ErrClosed)
	}
	err := l.link.Close()
	l.link = nil
	l.program.module.removeLink(l)
	if err != nil {
		return fmt.Errorf("detach %s: %w", l, err)
	}
	return nil
}
