package tracefs

import (
	"strings"
	"time"
)

// Line is one line of trace_pipe:
//
//	TASK-PID (TGID) [CPU] FLAGS TIMESTAMP: FUNCTION: MESSAGE
type Line struct {
	// Task is the thread's name (comm), not always valid UTF-8. Blanks at
	// its start are lost, for the kernel pads it with blanks. It is "<...>"
	// if the kernel no longer knows the name.
	Task string
	PID  int // thread ID, in the initial PID namespace
	TGID int // process ID; 0 if unknown or the record-tgid option is off
	CPU  int
	// Flags tells about interrupts, preemption and such, one character
	// each. Their number differs between kernels; with the irq-info option
	// off there are none.
	Flags string
	// Timestamp is the trace clock's time, mostly since boot. With Ticks it
	// is instead a plain count in that clock's own unit.
	Timestamp time.Duration
	// Ticks is set for trace clocks that do not count time: "counter",
	// "uptime" and "x86-tsc". Which it is, the kernel settles as trace_pipe
	// is opened, and a clock chosen later prints in the old clock's form.
	Ticks bool
	// Function is what wrote the line: "bpf_trace_printk",
	// "tracing_mark_write" or an event's name. It is empty for lines that do
	// not say.
	Function string
	// Message is the rest of the line, without newlines at its end. BCC's
	// trace_fields returns the same as msg.
	Message string
}

// commWidth is the width to which the kernel pads a task's name, in bytes. A
// name has one byte less at most.
const commWidth = 16

// ParseLine parses one line of trace_pipe. The error is a [*LostError] for the
// kernel's report of lost lines, and a [*LineError] for anything else that is
// no such line: a message with newlines spreads over several lines, of which
// only the first has the fields.
func ParseLine(line string) (Line, error) {
	text := strings.TrimRight(line, "\n")
	if lost := parseLost(text); lost != nil {
		return Line{}, lost
	}
	// A name may hold anything, even what looks like a PID and a CPU, so
	// the column where the kernel ends the name goes first.
	want := wantPID
	if len(text) > commWidth && text[commWidth] == '-' {
		var l Line
		if l, want = parseAfterTask(text[commWidth:]); want == "" {
			l.Task = strings.TrimLeft(text[:commWidth], " ")
			return l, nil
		}
	}
	if l, ok := searchTask(text); ok {
		return l, nil
	}
	return Line{}, &LineError{Line: text, Want: want}
}

// searchTask parses a line whose task is not padded, as when something has
// trimmed it.
func searchTask(text string) (found Line, ok bool) {
	for i := 0; i < len(text); i++ {
		// A name has under commWidth bytes, and so little follows it before
		// the message that a split within that width is none of the
		// message's. So the last such split is right, and failing that the
		// first beyond it.
		if ok && i >= commWidth {
			break
		}
		if text[i] != '-' {
			continue
		}
		if l, want := parseAfterTask(text[i:]); want == "" {
			l.Task = strings.TrimLeft(text[:i], " ")
			found, ok = l, true
		}
	}
	return found, ok
}

// parseAfterTask parses a line from the '-' after the task. If it cannot, it
// returns what it wanted to see.
func parseAfterTask(text string) (l Line, want string) {
	s := scanner{text}
	var ok bool
	s.skip("-")
	if l.PID, ok = s.number(); !ok || !s.blanks() {
		return l, wantPID
	}
	if l.TGID, ok = s.tgid(); !ok {
		return l, wantTGID
	}
	if l.CPU, ok = s.cpu(); !ok {
		return l, wantCPU
	}
	if l.Timestamp, l.Ticks, ok = s.timestamp(); !ok {
		l.Flags = s.word()
		if l.Timestamp, l.Ticks, ok = s.timestamp(); !ok || l.Flags == "" {
			return l, wantTimestamp
		}
	}
	s.skip(" ")
	l.Function, l.Message = splitFunction(s.rest)
	return l, ""
}

// splitFunction splits "bpf_trace_printk: hi". The blank after the colon may be
// missing at the end of a line, where something has trimmed it.
func splitFunction(text string) (function, message string) {
	if function, message, ok := strings.Cut(text, ": "); ok {
		return function, message
	}
	if function, ok := strings.CutSuffix(text, ":"); ok {
		return function, ""
	}
	return "", text
}
