package bcc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
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
	sources, err := o.Headers.sources()
	if err != nil {
		return nil, &CompileError{Source: name, Err: err}
	}
	var refused error
	for i, s := range sources {
		obj, err := compileWith(ctx, s, name, source, o)
		if err == nil {
			return obj, nil
		}
		if refused == nil {
			refused = err
		}
		var compile *CompileError
		if i+1 < len(sources) && errors.As(err, &compile) && compile.Err == nil && !mayHelp(compile.Diagnostics) {
			break
		}
	}
	return nil, refused
}

// compileWith compiles with headers of one source.
func compileWith(ctx context.Context, s headerSource, name, source string, o *Options) (*Object, error) {
	dir := ""
	if name != textName {
		dir = filepath.Dir(name)
	}
	tree, err := s.get(dir, source, o.CFlags)
	if err != nil {
		return nil, &CompileError{Source: name, Headers: s.used, Err: fmt.Errorf("kernel headers %s: %w", s.used, err)}
	}
	defer tree.remove()
	cflags := o.CFlags
	if tree.cflags != nil {
		cflags = tree.cflags
	}
	public := externTables(source)
	req := &libbcc.Request{Source: source, Public: declare(public), CFlags: append(ownFlags(), cflags...),
		Debug: uint32(o.Debug), Device: o.Device, Env: tree.env}
	r, err := libbcc.Compile(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	diagnostics := parseDiagnostics(r.Stderr, name, source)
	if o.Debug != 0 {
		io.WriteString(o.DebugOutput, r.Stdout+r.Stderr)
	}
	if r.Failed || leftOut.MatchString(r.Stderr) {
		return nil, &CompileError{Source: name, Diagnostics: diagnostics, Output: r.Stderr, Headers: s.used, Hint: compileHint(source, r.Stderr)}
	}
	obj, err := makeObject(r, public)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", name, err)
	}
	obj.Headers, obj.Warnings = s.used, diagnostics
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
