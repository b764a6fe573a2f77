package bcc

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gobcc/bcc/module"
)

func TestCheckInput(t *testing.T) {
	longest := strings.Repeat("/", MaxSource)
	tests := []struct {
		name, source string
		flags        []string
		want         string // in the error; "": none
	}{
		{name: "a program", source: "int f(void *ctx) { return 0; }"},
		{name: "one letter", source: "x"},
		{name: "not UTF-8", source: "// \xff\xfe\n"},
		{name: "empty", want: "the source text is empty"},
		{name: "only space", source: " \t\r\n\f\v\u00a0\n", want: "the source text is empty"},
		{name: "the longest", source: longest},
		{name: "too long", source: longest + "/", want: "the source text has 4194305 bytes, at most 4194304 are taken"},
		{name: "a NUL byte", source: "\x00", want: "NUL byte in line 1"},
		{name: "a NUL byte in the third line", source: "a\n\nb\x00c\n\x00", want: "NUL byte in line 3"},
		{name: "good flags", source: "x", flags: []string{"-DA", "-I/usr/include"}},
		{name: "a bad flag among good ones", source: "x", flags: []string{"-DA", "", "-DB"}, want: "a compiler flag is empty"},
		{name: "the text is looked at first", flags: []string{""}, want: "the source text is empty"},
	}
	for _, tt := range tests {
		err := checkInput(tt.source, &Options{CFlags: tt.flags})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestCheckFlag(t *testing.T) {
	for _, flag := range []string{
		"-DX", "-DX=1", "-DTEXT=a b", "-DX=a-b", `-DTEXT="a -b"`, `-DLETTER='a'`, "-I", "/usr/include", "/my files/include", "-Wno-unused", "-", "-Dżółć",
	} {
		if err := checkFlag(flag); err != nil {
			t.Errorf("%q: %v", flag, err)
		}
	}
	for flag, want := range map[string]string{
		"":               "a compiler flag is empty",
		"-D\x00X":        "has a NUL byte",
		"\x00":           "has a NUL byte",
		`"-DX"`:          "begins with a quote",
		"'-DX=1'":        "begins with a quote",
		`"`:              "begins with a quote",
		"-DX -DY":        "is several flags",
		"-I include -DX": "is several flags",
		"-Wall  -Wextra": "is several flags",
		" -DX":           "begins or ends with a space",
		"-DX= ":          "begins or ends with a space",
	} {
		err := checkFlag(flag)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", flag, err, want)
		}
	}
}

// What is refused here never reaches a compiler, so this needs none.
func TestCompileRefusesInput(t *testing.T) {
	obj, err := Compile(context.Background(), "int x;\n\x00", nil)
	var refused *CompileError
	if obj != nil || !errors.As(err, &refused) {
		t.Fatalf("%v, %v", obj, err)
	}
	if refused.Source != "<text>" || len(refused.Diagnostics) != 0 || refused.Output != "" {
		t.Errorf("%+v", refused)
	}
	if got, want := err.Error(), "compile <text>: the source text has a NUL byte in line 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var _ *module.CompileError = refused
}

func TestBaseName(t *testing.T) {
	for path, want := range map[string]string{
		"/lib/x86_64-linux-gnu/libbcc.so.0.26.0": "libbcc.so.0.26.0", "libbcc.so.0": "libbcc.so.0", "": "", "/": "", "a/b": "b",
	} {
		if got := baseName(path); got != want {
			t.Errorf("baseName(%q) = %q, want %q", path, got, want)
		}
	}
}
