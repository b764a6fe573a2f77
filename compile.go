package bcc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gobcc/bcc/internal/libbcc"
	"github.com/gobcc/bcc/module"
)

var (
	// ErrNoCompiler means that this program cannot compile: it was built without cgo, or the library is part of a foreign
	// executable, and the command gobcc-compile is not installed.
	ErrNoCompiler = libbcc.ErrNoCompiler
	// ErrNoLibrary means that libbcc.so.0 is not on this machine.
	ErrNoLibrary = libbcc.ErrNoLibrary
)

// MaxSource is how long a source text may be, in bytes.
const MaxSource = 4 << 20

// textName is how a source text without a file is called in messages.
const textName = "<text>"

// Compile compiles a source text, in a child process, and needs no privileges beyond reading what the program names:
// headers, and for tracepoints their descriptions in tracefs. ctx cancels it.
//
// The error is a [*CompileError] where the text is refused. It matches [ErrNoCompiler] or [ErrNoLibrary] where there is no
// compiler, and context's errors.
func Compile(ctx context.Context, source string, o *Options) (*Object, error) {
	return compileNamed(ctx, textName, source, o)
}

func compileNamed(ctx context.Context, name, source string, o *Options) (*Object, error) {
	o = o.orDefault()
	if err := checkInput(source, o); err != nil {
		return nil, &CompileError{Source: name, Err: err}
	}
	public := externTables(source)
	req := &libbcc.Request{Source: source, Public: declare(public), CFlags: append(ownFlags(), o.CFlags...),
		Debug: uint32(o.Debug), Device: o.Device}
	r, err := libbcc.Compile(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	diagnostics := parseDiagnostics(r.Stderr, name, source)
	if o.Debug != 0 {
		io.WriteString(o.DebugOutput, r.Stdout+r.Stderr)
	}
	if r.Failed || leftOut.MatchString(r.Stderr) {
		return nil, &CompileError{Source: name, Diagnostics: diagnostics, Output: r.Stderr, Hint: compileHint(source, r.Stderr)}
	}
	obj, err := makeObject(r, public)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	obj.Warnings = diagnostics
	if err := markPublic(ctx, obj, req); err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	return obj, nil
}

// ownFlags come before the caller's, who may undo them. A call of a function that does not exist is only a warning to
// clang 14, and the program then fails at its load.
func ownFlags() []string { return []string{"-Werror=implicit-function-declaration"} }

func checkInput(source string, o *Options) error {
	switch {
	case strings.TrimSpace(source) == "":
		return errors.New("the source text is empty")
	case len(source) > MaxSource:
		return fmt.Errorf("the source text has %d bytes, at most %d are taken", len(source), MaxSource)
	}
	if i := strings.IndexByte(source, 0); i >= 0 {
		return fmt.Errorf("the source text has a NUL byte in line %d", 1+strings.Count(source[:i], "\n"))
	}
	for _, f := range o.CFlags {
		if err := checkFlag(f); err != nil {
			return err
		}
	}
	return nil
}

// checkFlag finds flags that were written for a shell.
func checkFlag(f string) error {
	switch {
	case f == "":
		return errors.New("a compiler flag is empty")
	case strings.TrimSpace(f) != f:
		return fmt.Errorf("the compiler flag %q begins or ends with a space", f)
	case strings.IndexByte(f, 0) >= 0:
		return fmt.Errorf("the compiler flag %q has a NUL byte", f)
	case strings.HasPrefix(f, `"`), strings.HasPrefix(f, "'"):
		return fmt.Errorf("the compiler flag %q begins with a quote: no shell takes it away, leave it out", f)
	case strings.HasPrefix(f, "-") && strings.Contains(f, " -") && !strings.ContainsAny(f, `"'`):
		return fmt.Errorf("the compiler flag %q is several flags: give each as an element of its own", f)
	}
	return nil
}

// makeObject joins what libbcc says of its tables and functions with what it sent to the kernel.
func makeObject(r *libbcc.Result, public []module.Table) (*Object, error) {
	obj := &Object{License: r.License, KernelVersion: r.Kernel, Compiler: baseName(r.Library)}
	index := map[int]int{} // table by record
	for i, t := range r.Tables {
		index[t.Record] = i
	}
	blob := -1
	for _, t := range r.Tables {
		made, ok := r.Maps[t.Record]
		if !ok {
			return nil, fmt.Errorf("libbcc made no map for table %s", t.Name)
		}
		if made.Public {
			obj.Tables = append(obj.Tables, externTable(t, public))
			continue
		}
		obj.Tables = append(obj.Tables, ownTable(t, made, index, r.Pins[t.Record]))
		blob = max(blob, made.BTF)
	}
	for _, f := range r.Functions {
		code, err := module.MapReferences(f.Code, index)
		if err != nil {
			return nil, fmt.Errorf("function %s: %w", f.Name, err)
		}
		obj.Functions = append(obj.Functions, module.Function{Name: f.Name, Code: code, FuncInfo: f.FuncInfo,
			FuncInfoSize: f.FuncInfoSize, LineInfo: f.LineInfo, LineInfoSize: f.LineInfoSize})
		blob = max(blob, f.BTF)
	}
	obj.BTF = r.BTF[blob]
	return obj, nil
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
