package bcc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/gobcc/bcc/internal/tracefs"
)

// TraceEvent is one line of the kernel's trace pipe, to which bpf_trace_printk writes.
type TraceEvent struct {
	Task      string        // name of the task, at most 15 bytes
	PID       int           // thread id of the task
	CPU       int           // where it ran
	Flags     string        // what the kernel was doing, as /sys/kernel/tracing/trace explains it at its top
	Timestamp time.Duration // on the trace clock: since the machine started
	Message   string        // what the program printed, without the newline
}

// TraceReadLine waits for a line of the trace pipe and returns it as the kernel writes it. The pipe is the machine's:
// lines of all programs come through it, and each line goes to one reader. Empty lines are left out: the kernel ends each
// message with a newline, besides the one that programs put there.
//
// It ends with ctx, or with os.ErrClosed on Close. It matches unix.EBUSY while another process reads the pipe.
//
// Python: BPF.trace_readline
func (b *BPF) TraceReadLine(ctx context.Context) (string, error) {
	p, err := b.tracePipe()
	if err != nil {
		return "", err
	}
	for {
		if line, err := p.ReadLine(ctx); line != "" || err != nil {
			return line, err
		}
	}
}

// TraceFields waits for an event of the trace pipe. Lines that are no events, such as the kernel's notes of lost ones,
// are skipped.
//
// It ends with ctx, or with os.ErrClosed on Close.
//
// Python: BPF.trace_fields
func (b *BPF) TraceFields(ctx context.Context) (TraceEvent, error) {
	for {
		line, err := b.TraceReadLine(ctx)
		if err != nil {
			return TraceEvent{}, err
		}
		if l, err := tracefs.ParseLine(line); err == nil {
			return TraceEvent{l.Task, l.PID, l.CPU, l.Flags, l.Timestamp, l.Message}, nil
		}
	}
}

// TraceEvents yields the events of the trace pipe until ctx ends or the BPF is closed; the last pair then has the error.
//
// Python: BPF.trace_fields
func (b *BPF) TraceEvents(ctx context.Context) iter.Seq2[TraceEvent, error] {
	return func(yield func(TraceEvent, error) bool) {
		for {
			e, err := b.TraceFields(ctx)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// TracePrint writes the trace pipe to w, a line an event, until ctx ends, which is no error. format makes the line of an
// event, and leaves out those for which it answers ""; nil writes the kernel's own lines.
//
// Python: BPF.trace_print
func (b *BPF) TracePrint(ctx context.Context, w io.Writer, format func(TraceEvent) string) error {
	for {
		line, err := b.traceLine(ctx, format)
		if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
			return nil
		}
		if err != nil {
			return err
		}
		if line == "" {
			continue
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return fmt.Errorf("print trace: %w", err)
		}
	}
}

func (b *BPF) traceLine(ctx context.Context, format func(TraceEvent) string) (string, error) {
	if format == nil {
		return b.TraceReadLine(ctx)
	}
	e, err := b.TraceFields(ctx)
	if err != nil {
		return "", err
	}
	return format(e), nil
}

// tracePipe opens the pipe when it is first used.
func (b *BPF) tracePipe() (*tracefs.Pipe, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errClosed
	}
	if b.pipe == nil {
		p, err := tracefs.OpenPipe()
		if err != nil {
			return nil, fmt.Errorf("open trace pipe: %w", err)
		}
		b.pipe = p
	}
	return b.pipe, nil
}
