package bcc

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gobcc/bcc/internal/testutil"
	"github.com/gobcc/bcc/module"
)

const (
	note    = module.SeverityNote
	warning = module.SeverityWarning
	failure = module.SeverityError
)

func at(file string, line, column int, severity module.Severity, message string) Diagnostic {
	return Diagnostic{File: file, Line: line, Column: column, Severity: severity, Message: message}
}

func TestParseDiagnostics(t *testing.T) {
	tests := []struct {
		name, output, source string
		want                 []Diagnostic
	}{
		{name: "nothing"},
		{name: "no messages", output: "1 warning generated.\nLLVM ERROR: out of memory\n~ ^\n"},
		{
			name:   "a warning",
			output: "/virtual/main.c:2:2: warning: implicit declaration of function 'foo_bar' is invalid in C99 [-Wimplicit-function-declaration]\n foo_bar(1);\n ^\n1 warning generated.\n",
			source: "int f(void *ctx) {\n foo_bar(1);\n return 0; }\n",
			want:   []Diagnostic{at("main.c", 2, 2, warning, "implicit declaration of function 'foo_bar' is invalid in C99 [-Wimplicit-function-declaration]")},
		},
		{
			name:   "an error",
			output: "/virtual/main.c:4:4: error: no member named 'nope' in 'struct h_table_t'\n h.nope(k); return 0; }\n ~ ^\n",
			source: "BPF_HASH(h);\nint f(void *ctx) {\n u64 k = 0;\n h.nope(k); return 0; }\n",
			want:   []Diagnostic{at("main.c", 4, 4, failure, "no member named 'nope' in 'struct h_table_t'")},
		},
		{
			name:   "a fatal error is an error",
			output: "/virtual/main.c:1:10: fatal error: 'nothere.h' file not found\n#include \"nothere.h\"\n         ^~~~~~~~~~~\n1 error generated.\n",
			source: "#include \"nothere.h\"\n",
			want:   []Diagnostic{at("main.c", 1, 10, failure, "'nothere.h' file not found")},
		},
		{
			name: "an error and its note",
			output: "/virtual/main.c:8:6: error: conflicting types for 'f'\n int f(int x) { return 0; }\n     ^\n" +
				"/virtual/main.c:3:5: note: previous definition is here\nint f(void *ctx) { int fff;\n    ^\n1 error generated.\n",
			source: "#define M(x) return \\\n  x;\nint f(void *ctx) { int fff;\n\n\n\n}\n int f(int x) { return 0; }",
			want:   []Diagnostic{at("main.c", 8, 6, failure, "conflicting types for 'f'"), at("main.c", 3, 5, note, "previous definition is here")},
		},
		{
			name: "a header's own place",
			output: "In file included from /virtual/main.c:1:\nIn file included from include/linux/sched.h:10:\n" +
				"include/linux/my file.h:300:20: error: unknown type name 'u9'\nu9 x;\n^\n",
			source: "#include <linux/sched.h>\n",
			want:   []Diagnostic{at("include/linux/my file.h", 300, 20, failure, "unknown type name 'u9'")},
		},
		{
			name: "messages without a place",
			output: "error: unknown argument: '-fnope'\nwarning: argument unused during compilation: '-c'\nfatal error: cannot open file 'x'\n" +
				"note: diagnostic msg\nremark: fine\nerror: \n",
			want: []Diagnostic{
				{Severity: failure, Message: "unknown argument: '-fnope'"}, {Severity: warning, Message: "argument unused during compilation: '-c'"},
				{Severity: failure, Message: "cannot open file 'x'"}, {Severity: note, Message: "diagnostic msg"}, {Severity: note, Message: "fine"},
				{Severity: failure},
			},
		},
		{
			name:   "a remark is a note",
			output: "/virtual/main.c:1:1: remark: loop vectorized [-Rpass]\nx\n^\n", source: "x",
			want: []Diagnostic{at("main.c", 1, 1, note, "loop vectorized [-Rpass]")},
		},
		{
			name:   "a message with a place in it",
			output: "/virtual/main.c:1:1: error: a.c:3:4: error: b\nx\n", source: "x",
			want: []Diagnostic{at("main.c", 1, 1, failure, "a.c:3:4: error: b")},
		},
		{
			name:   "no line is quoted",
			output: "/virtual/main.c:2:1: error: m", source: "a\nb\nc",
			want: []Diagnostic{at("main.c", 2, 1, failure, "m")},
		},
		{
			name:   "a line past the text, which libbcc appends to",
			output: "/virtual/main.c:9:1: error: m\n}\n^\n", source: "a\nb",
			want: []Diagnostic{at("main.c", 2, 1, failure, "m")},
		},
		{
			name:   "the quoted text says which line",
			output: "/virtual/main.c:5:1: error: m\n  wrong;\n^\n", source: "wrong;\nright;\nright;\n\twrong;\r\nright;\nright;\nright;\nwrong;\n",
			want: []Diagnostic{at("main.c", 4, 1, failure, "m")}, // nearer than line 8
		},
		{
			name:   "not quite messages",
			output: "/virtual/main.c:1: error: m\n/virtual/main.c:x:1: error: m\n/virtual/main.c:1:1: problem: m\nerror m\n error: m\n:1:1: error: m\n",
			source: "x",
		},
	}
	for _, tt := range tests {
		if got := parseDiagnostics(tt.output, "main.c", tt.source); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tt.name, got, tt.want)
		}
	}
}

func TestLineShift(t *testing.T) {
	// Two structs: one of 5 lines before line 2, one of 3 lines before line 5. The letters are the caller's lines.
	s := &lineShift{source: strings.Split("a\nb\nsame\nsame\ne\nsame\ng", "\n"), inserted: [][2]int{{2, 5}, {5, 3}}}
	tests := []struct {
		line   int
		quoted string
		want   int
	}{
		{1, "a", 1},
		{7, "b", 2},
		{8, "same", 3},
		{9, "same", 4},
		{13, "e", 5},
		{14, "same", 6},
		{15, "g", 7},
		{15, "  g\t", 7},
		{15, "not in the text", 7},
		{7, "not in the text", 2}, // the first line after a struct
		{13, "not in the text", 5},
		{99, "not in the text", 7},
		{1, "not in the text", 1},
		{3, "u64 __do_not_use__;", 3}, // inside the struct: no line is right
		{0, "a", 1},
	}
	for _, tt := range tests {
		if got := s.line(tt.line, tt.quoted); got != tt.want {
			t.Errorf("line %d, quoted %q: %d, want %d", tt.line, tt.quoted, got, tt.want)
		}
	}
}

// fieldLines counts the fields of a tracepoint's format that are not every tracepoint's.
func fieldLines(t *testing.T, tracefs, tracepoint string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(tracefs, "events", tracepoint, "format"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), "\tfield:") - strings.Count(string(b), " common_")
}

// Quoted text that stands at many lines leaves it to the reckoning to tell them apart.
func TestDiagnosticsAfterTracepoints(t *testing.T) {
	tracefs := testutil.Tracefs(t)
	first, second := fieldLines(t, tracefs, "sched/sched_switch")+3, fieldLines(t, tracefs, "raw_syscalls/sys_enter")+3
	tests := []struct {
		name, source string
		want         map[int]int // the caller's line by libbcc's
	}{
		{
			"the macro",
			"int x;\nTRACEPOINT_PROBE(sched, sched_switch) {\n  return qq;\n}\n\nTRACEPOINT_PROBE( raw_syscalls ,\tsys_enter ) {\n  return qq;\n}\n  return qq;\n",
			map[int]int{3 + first: 3, 7 + first + second: 7, 9 + first + second: 9},
		},
		{
			"the struct's name",
			"  return qq;\n\nint a(struct tracepoint__sched__sched_switch *args) {\n  return qq;\n}\nint b(struct  tracepoint__raw_syscalls__sys_enter* args)\n{\n  return qq;\n}",
			map[int]int{1: 1, 4 + first: 4, 8 + first + second: 8},
		},
		{
			"tracepoints that are not there",
			"TRACEPOINT_PROBE(sched, no_such_event) {\nTRACEPOINT_PROBE(sched) {\nstruct tracepoint__sched__sched_switch args;\n  return qq;\n  return qq;\n",
			map[int]int{4: 4, 5: 5},
		},
	}
	for _, tt := range tests {
		for theirs, ours := range tt.want {
			output := fmt.Sprintf("/virtual/main.c:%d:10: error: use of undeclared identifier 'qq'\n  return qq;\n         ^\n", theirs)
			want := []Diagnostic{at("<text>", ours, 10, failure, "use of undeclared identifier 'qq'")}
			if got := parseDiagnostics(output, "<text>", tt.source); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: line %d: got %+v, want %+v", tt.name, theirs, got, want)
			}
		}
	}
}

// FuzzDiagnostics makes sure that what a program says in messages can be shown, whatever clang prints.
func FuzzDiagnostics(f *testing.F) {
	f.Add("/virtual/main.c:2:2: warning: w [-Wx]\n foo_bar(1);\n ^\n1 warning generated.\n", "int f(void *ctx) {\n foo_bar(1);\n}\n")
	f.Add("/virtual/main.c:8:6: fatal error: e\n\n/virtual/main.c:0:0: note: n\nx", "x\n\nTRACEPOINT_PROBE(sched, sched_switch) {}")
	f.Add("a.h:1:2: remark: r\nerror: unplaced\nfatal error: f", "struct tracepoint__sched__sched_switch *x")
	f.Add("/virtual/main.c:99999999999999999999:99999999999999999999: error: e", "")
	const name = "no\nfile" // clang's messages are one line each, so this is the caller's file only
	f.Fuzz(func(t *testing.T, output, source string) {
		lines := strings.Count(source, "\n") + 1
		got := parseDiagnostics(output, name, source)
		if most := strings.Count(output, "\n") + 1; len(got) > most {
			t.Errorf("%d messages in %d lines", len(got), most)
		}
		for _, d := range got {
			if !slices.Contains([]module.Severity{note, warning, failure}, d.Severity) {
				t.Errorf("severity %q: %+v", d.Severity, d)
			}
			if d.File == mainFile || strings.Contains(d.Message, "\n") || !strings.Contains(output, d.Message) {
				t.Errorf("wrong text: %+v", d)
			}
			if d.Line < 0 || d.Column < 0 || d.File == name && d.Line > lines || d.File == "" && d.Line+d.Column != 0 {
				t.Errorf("no such place in %d lines: %+v", lines, d)
			}
		}
	})
}

// A line of the source that clang quotes is no message, even where it begins with a label "error:".
func TestQuotedLabelIsNoMessage(t *testing.T) {
	output := "/virtual/main.c:4:10: warning: incompatible integer to pointer conversion assigning to 'int *' from 'int' [-Wint-conversion]\n" +
		"error: p = 5; return p != 0;\n         ^ ~\n1 warning generated.\n"
	source := "int f(void *ctx) {\n int *p;\n goto error;\nerror: p = 5; return p != 0;\n}\n"
	want := []Diagnostic{at("<text>", 4, 10, warning, "incompatible integer to pointer conversion assigning to 'int *' from 'int' [-Wint-conversion]")}
	if got := parseDiagnostics(output, "<text>", source); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// clang from 17 on quotes with line numbers: the text after them must be found all the same.
func TestQuoteWithLineNumber(t *testing.T) {
	s := &lineShift{source: strings.Split("a\nb\nwrong;\nd\ne", "\n")}
	if got := s.line(5, quoted([]string{"    5 |  wrong;"})); got != 3 {
		t.Errorf("line %d, want 3", got)
	}
}

// Where the reckoning misses, the nearest line to it counts, not the last one of the file.
func TestLineNearestToTheReckoning(t *testing.T) {
	s := &lineShift{source: strings.Split("a\nsame\nc\nd\nsame\nf\nsame", "\n"), inserted: [][2]int{{1, 8}}}
	if got := s.line(11, "same"); got != 2 { // reckoned: 3
		t.Errorf("line %d, want 2", got)
	}
}

// libbcc fills gaps between fields with a line "char __pad_N;" for each byte: sys_enter_openat has one of 4 bytes.
func TestPaddingOfTracepoints(t *testing.T) {
	format, err := os.ReadFile(filepath.Join(testutil.Tracefs(t), "events/syscalls/sys_enter_openat/format"))
	if err != nil {
		t.Skip(err)
	}
	if !strings.Contains(string(format), "int __syscall_nr;\toffset:8;\tsize:4;") || !strings.Contains(string(format), "int dfd;\toffset:16;") {
		t.Skip("another layout")
	}
	fields := strings.Count(string(format), "\tfield:") - strings.Count(string(format), " common_")
	shift := 2 + 1 + fields + 4 - 1 // head, u64 __do_not_use__, fields, padding, end: 12 lines on Linux 6.18 with 5 fields
	source := "int a(struct tracepoint__syscalls__sys_enter_openat *args) {\n  return 0;\n}\nint b(void*ctx) {\n  return qq;\n}\nint c(void*ctx) {\n  return qq;\n}\n" +
		"int d(void*ctx) {\n  return qq;\n}\n"
	for _, ours := range []int{5, 8, 11} {
		output := fmt.Sprintf("/virtual/main.c:%d:10: error: use of undeclared identifier 'qq'\n  return qq;\n         ^\n", ours+shift+1)
		if got := parseDiagnostics(output, "<text>", source); len(got) != 1 || got[0].Line != ours {
			t.Errorf("libbcc's line %d: %v, want line %d", ours+shift+1, got, ours)
		}
	}
}
