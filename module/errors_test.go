package module_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/module"
)

const verifierLog = `func#0 @0
0: R1=ctx() R10=fp0
0: (bf) r2 = r1                       ; R1=ctx() R2_w=ctx()
1: (79) r0 = *(u64 *)(r3 +0)
R3 !read_ok
verification time 72 usec
stack depth 0+0
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`

func TestLoadErrorText(t *testing.T) {
	tests := []struct {
		name        string
		err         module.LoadError
		plain, full string // full: what %+v adds
	}{
		{"everything", module.LoadError{What: "function count", Type: "Kprobe", Log: verifierLog, Hint: "run it as root", Err: unix.EACCES},
			"load function count (Kprobe): permission denied: R3 !read_ok (run it as root)",
			"\nverifier log:\n" + strings.TrimRight(verifierLog, "\n")},
		{"no log", module.LoadError{What: "table counts", Type: "Hash", Hint: "h", Err: unix.EPERM},
			"load table counts (Hash): operation not permitted (h)", ""},
		{"no hint", module.LoadError{What: "table counts", Type: "Hash", Err: unix.EINVAL}, "load table counts (Hash): invalid argument", ""},
		{"only statistics", module.LoadError{What: "function f", Type: "Kprobe", Log: "\nprocessed 0 insns (limit 1000000)\n\n", Err: unix.E2BIG},
			"load function f (Kprobe): argument list too long", "\nverifier log:\n\nprocessed 0 insns (limit 1000000)"},
		{"a log without an end of line", module.LoadError{What: "function f", Type: "Kprobe", Log: "bad", Err: unix.EINVAL},
			"load function f (Kprobe): invalid argument: bad", "\nverifier log:\nbad"},
	}
	for _, tt := range tests {
		for format, want := range map[string]string{"%v": tt.plain, "%s": tt.plain, "%+v": tt.plain + tt.full, "%+s": tt.plain} {
			if got := fmt.Sprintf(format, &tt.err); got != want {
				t.Errorf("%s: %s:\ngot  %q\nwant %q", tt.name, format, got, want)
			}
		}
		if got := tt.err.Error(); got != tt.plain {
			t.Errorf("%s: Error() = %q", tt.name, got)
		}
		if got := fmt.Errorf("outer: %w", &tt.err).Error(); got != "outer: "+tt.plain {
			t.Errorf("%s: wrapped: %q", tt.name, got)
		}
	}
}

// The last line that says why: statistics and empty lines come after it.
func TestLoadErrorFindsTheReason(t *testing.T) {
	for log, want := range map[string]string{
		"":                              "",
		"\n \n\t\n":                     "",
		"one\ntwo\n":                    "two",
		"reason\n\nprocessed 5 insns\n": "reason",
		"  indented reason  \nstack depth 8\nverification time 1 usec": "indented reason",
		"reason\r\nprocessed 1 insns\r\n":                              "reason",
		"the program processed too much":                               "the program processed too much",
		"processed 1 insns\nstack depth 8\nverification time 1 usec\n": "",
	} {
		text := "load x (y): invalid argument"
		if want != "" {
			text += ": " + want
		}
		if got := (&module.LoadError{What: "x", Type: "y", Log: log, Err: unix.EINVAL}).Error(); got != text {
			t.Errorf("log %q: %q, want %q", log, got, text)
		}
	}
}

func TestAttachErrorText(t *testing.T) {
	tests := []struct {
		err  module.AttachError
		want string
	}{
		{module.AttachError{Op: "uprobe", Target: "c:strlem", Function: "count", Hint: "did you mean strlen?", Err: module.ErrNoSymbol},
			"attach uprobe c:strlem (function count): no such symbol (did you mean strlen?)"},
		{module.AttachError{Op: "kprobe", Target: "vfs_read", Function: "f", Err: unix.EPERM}, "attach kprobe vfs_read (function f): operation not permitted"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestErrorsUnwrap(t *testing.T) {
	reason := errors.New("the reason")
	for _, err := range []error{&module.LoadError{Err: reason}, &module.AttachError{Err: reason}, &module.CompileError{Err: reason}} {
		if wrapped := fmt.Errorf("outer: %w", err); !errors.Is(wrapped, reason) || errors.Is(wrapped, unix.EPERM) {
			t.Errorf("%T does not wrap its reason, or something else", err)
		}
	}
	if err := error(&module.CompileError{Output: "no reason"}); errors.Unwrap(err) != nil {
		t.Errorf("a refused source wraps %v", errors.Unwrap(err))
	}
}

func TestDiagnosticText(t *testing.T) {
	tests := []struct {
		d    module.Diagnostic
		want string
	}{
		{module.Diagnostic{File: "a.c", Line: 4, Column: 2, Severity: module.SeverityError, Message: "no"}, "a.c:4:2: error: no"},
		{module.Diagnostic{File: "<text>", Line: 1, Severity: module.SeverityNote, Message: "here"}, "<text>:1:0: note: here"},
		{module.Diagnostic{Severity: module.SeverityWarning, Message: "unknown option"}, "warning: unknown option"},
		{module.Diagnostic{File: "a.c", Column: 3, Severity: module.SeverityError, Message: "m"}, "error: m"},
	}
	for _, tt := range tests {
		if got := tt.d.String(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.d, got, tt.want)
		}
	}
}

func TestCompileErrorText(t *testing.T) {
	first := module.Diagnostic{File: "<text>", Line: 4, Column: 2, Severity: module.SeverityError, Message: "one"}
	second := module.Diagnostic{File: "x.h", Line: 9, Column: 1, Severity: module.SeverityError, Message: "two"}
	warning := module.Diagnostic{File: "<text>", Line: 1, Column: 1, Severity: module.SeverityWarning, Message: "careful"}
	tests := []struct {
		name string
		err  module.CompileError
		want string
	}{
		{"errors only, in order", module.CompileError{Source: "<text>", Diagnostics: []module.Diagnostic{warning, first, warning, second}, Output: "all"},
			"compile <text>: <text>:4:2: error: one\nx.h:9:1: error: two"},
		{"no diagnostics", module.CompileError{Source: "a.c", Output: "\n could not open bpf map \n"}, "compile a.c: could not open bpf map"},
		{"only a warning", module.CompileError{Source: "a.c", Diagnostics: []module.Diagnostic{warning}, Output: "the output"}, "compile a.c: the output"},
		{"refused before the compiler", module.CompileError{Source: "a.c", Output: "unused", Err: errors.New("the source text is empty")},
			"compile a.c: the source text is empty"},
		{"with a hint", module.CompileError{Source: "a.c", Diagnostics: []module.Diagnostic{first}, Hint: "install headers"},
			"compile a.c: <text>:4:2: error: one (install headers)"},
		{"a hint without a compiler", module.CompileError{Source: "a.c", Hint: "h", Err: errors.New("empty")}, "compile a.c: empty (h)"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
