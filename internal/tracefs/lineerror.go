package tracefs

import (
	"fmt"
	"strconv"
	"strings"
)

// What ParseLine expects, for [LineError].
const (
	wantPID       = `"TASK-PID [CPU] FLAGS TIMESTAMP: MESSAGE"`
	wantTGID      = `"(TGID)" after the PID`
	wantCPU       = `"[CPU]" after the PID`
	wantTimestamp = `a timestamp with a colon after the flags`
)

// quoteMax is how much of a line an error quotes, in bytes.
const quoteMax = 200

// LineError is the error for text that is no line with fields: an empty line,
// a further line of a message with newlines, or a trace file with options that
// change its form.
type LineError struct {
	Line string // the whole text
	Want string // what was expected of it
}

func (e *LineError) Error() string {
	line := strconv.Quote(e.Line[:min(len(e.Line), quoteMax)])
	if len(e.Line) > quoteMax {
		line += "..."
	}
	return "trace_pipe: expected " + e.Want + " in " + line
}

// LostError is the kernel's report that the trace buffer of a CPU was full and
// lines were overwritten before they were read.
type LostError struct {
	CPU    int
	Events uint64 // 0 if the kernel does not know how many
}

func (e *LostError) Error() string {
	if e.Events == 0 {
		return fmt.Sprintf("trace_pipe: CPU %d lost events", e.CPU)
	}
	return fmt.Sprintf("trace_pipe: CPU %d lost %d events", e.CPU, e.Events)
}

// parseLost parses "CPU:1 [LOST 12345 EVENTS]" or "CPU:1 [LOST EVENTS]". No
// task's line looks so, as those start with at least one blank. It returns nil
// for other text.
func parseLost(text string) *LostError {
	s := scanner{text}
	if !s.skip("CPU:") {
		return nil
	}
	cpu, ok := s.number()
	if !ok || !s.skip(" [LOST ") {
		return nil
	}
	e := &LostError{CPU: cpu}
	if s.rest == "EVENTS]" {
		return e
	}
	count, ok := strings.CutSuffix(s.rest, " EVENTS]")
	if !ok {
		return nil
	}
	n, err := strconv.ParseUint(count, 10, 64)
	if err != nil {
		return nil
	}
	e.Events = n
	return e
}
