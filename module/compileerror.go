package module

import (
	"fmt"
	"strings"
)

// Severity is how bad the compiler finds something.
type Severity string

// How bad the compiler finds things; an error means that there is no program.
const (
	SeverityNote    Severity = "note"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
)

// Diagnostic is one message of the compiler.
type Diagnostic struct {
	File     string   // "<text>" or the file name for the program itself, otherwise the header's
	Line     int      // from 1, in the caller's own text; 0 where the message has no place
	Column   int      // from 1, in bytes; 0 where the message has no place
	Severity Severity // note, warning or error
	Message  string   // without place and severity
}

// String is the message as compilers print it: file:line:column: severity: message.
func (d Diagnostic) String() string {
	if d.Line == 0 {
		return fmt.Sprintf("%s: %s", d.Severity, d.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", d.File, d.Line, d.Column, d.Severity, d.Message)
}

// CompileError means that the source text was refused.
type CompileError struct {
	Source      string       // the file's name, "<text>" for a text
	Diagnostics []Diagnostic // in the compiler's order
	Output      string       // all that the compiler printed, unchanged
	Headers     string       // which kernel headers it was compiled with, "" where it did not come to that
	Hint        string       // what to do about it, where that is known
	Err         error        // what is wrong with the text before any compiler sees it; otherwise nil
}

// Error is one line for each error of the compiler, and the hint; Diagnostics has the rest.
func (e *CompileError) Error() string {
	s := fmt.Sprintf("compile %s: %s", e.Source, e.reason())
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

func (e *CompileError) reason() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	var lines []string
	for _, d := range e.Diagnostics {
		if d.Severity == SeverityError {
			lines = append(lines, d.String())
		}
	}
	if len(lines) == 0 {
		lines = append(lines, strings.TrimSpace(e.Output))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns Err.
func (e *CompileError) Unwrap() error { return e.Err }
