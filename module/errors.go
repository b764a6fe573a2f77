package module

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// LoadError means that the kernel refused a table or a program.
type LoadError struct {
	What string // "table counts", "program count_calls", "type information"
	Type string // of the table or the program
	Log  string // what the verifier wrote; often long
	Hint string // what to do about it, where that is known
	Err  error  // the kernel's errno
}

// Error is one line, with the last line of the verifier's log that says something. Printing with %+v adds the whole log.
func (e *LoadError) Error() string {
	s := fmt.Sprintf("load %s (%s): %v", e.What, e.Type, e.Err)
	if line := lastReason(e.Log); line != "" {
		s += ": " + line
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Unwrap returns the kernel's errno.
func (e *LoadError) Unwrap() error { return e.Err }

// Format prints the verifier's log for %+v.
func (e *LoadError) Format(f fmt.State, verb rune) {
	io.WriteString(f, e.Error())
	if verb == 'v' && f.Flag('+') && e.Log != "" {
		io.WriteString(f, "\nverifier log:\n"+strings.TrimRight(e.Log, "\n"))
	}
}

// noReason matches lines of the verifier's log that tell what it did, not why it stopped: its statistics, states of
// registers, source lines.
var noReason = regexp.MustCompile(`^$|^processed \d|^verification time |^stack depth |^(cur|old) state:|^SCC |^; |^\d+: (R\d|\()|^from \d+ to \d+`)

// lastReason finds the verifier's complaint: the last line that is one.
func lastReason(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); !noReason.MatchString(line) {
			return line
		}
	}
	return ""
}

// AttachError means that a program could not be attached.
type AttachError struct {
	Op       string // "tracepoint", "uprobe", …
	Target   string // what it was to be attached to
	Function string // the program
	Hint     string // what to do about it, where that is known
	Err      error  // the kernel's errno, or what was wrong before the kernel was asked
}

// Error is one line: what, where, which program, why, and the hint.
func (e *AttachError) Error() string {
	s := fmt.Sprintf("attach %s %s (function %s): %v", e.Op, e.Target, e.Function, e.Err)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Unwrap returns the reason.
func (e *AttachError) Unwrap() error { return e.Err }
