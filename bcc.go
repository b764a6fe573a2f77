package bcc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gobcc/bcc/internal/tracefs"
	"github.com/gobcc/bcc/module"
	"github.com/gobcc/bcc/table"
)

// BPF is a program in the kernel, with everything that was opened for it. It is safe for concurrent use.
//
// Python: BPF
type BPF struct {
	module *module.Module
	device string

	mu       sync.Mutex
	closed   bool
	programs map[programKey]*Program
	pipe     *tracefs.Pipe // nil until it is used
}

// programKey is what one load of a function differs in from another.
type programKey struct {
	function string
	typ      ProgType
	options  LoadOptions
}

// New compiles a source text, loads it, and attaches the functions whose names say where they belong.
//
// The error is a [*CompileError], a [*LoadError] or an [*AttachError]; then nothing stays attached.
//
// Python: BPF.__init__
func New(source string, o *Options) (*BPF, error) { return NewContext(context.Background(), source, o) }

// NewContext is [New]; ctx cancels the compilation.
func NewContext(ctx context.Context, source string, o *Options) (*BPF, error) {
	obj, err := Compile(ctx, source, o)
	if err != nil {
		return nil, err
	}
	return NewFromObject(obj, o)
}

// NewFromFile is [New] with the text of a file. A file that is not found as it is named is looked for beside the
// executable.
//
// Python: BPF(src_file=)
func NewFromFile(path string, o *Options) (*BPF, error) {
	found, source, err := readSource(path)
	if err != nil {
		return nil, fmt.Errorf("read source: %w", err)
	}
	obj, err := compileNamed(context.Background(), found, source, o)
	if err != nil {
		return nil, err
	}
	return NewFromObject(obj, o)
}

func readSource(path string) (found, source string, err error) {
	if path == "" {
		return "", "", errors.New("no file is named")
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && !filepath.IsAbs(path) {
		exe, exeErr := os.Executable()
		if exeErr != nil {
			return "", "", err
		}
		beside := filepath.Join(filepath.Dir(exe), path)
		b, besideErr := os.ReadFile(beside)
		if besideErr != nil {
			return "", "", fmt.Errorf("%w, and %s beside the executable: %w", err, beside, besideErr)
		}
		return beside, string(b), nil
	}
	return path, string(b), err
}

// NewFromObject is [New] without its first step: it loads what was compiled before, and attaches.
//
// The error is a [*LoadError] or an [*AttachError]; then nothing stays attached.
func NewFromObject(obj *Object, o *Options) (*BPF, error) {
	o = o.orDefault()
	m, err := module.Load(obj, o.load())
	if err != nil {
		return nil, err
	}
	b := &BPF{module: m, device: o.Device, programs: map[programKey]*Program{}}
	if !o.NoAutoAttach {
		if err := b.autoAttach(); err != nil {
			if closeErr := b.Close(); closeErr != nil {
				err = errors.Join(err, closeErr)
			}
			return nil, err
		}
	}
	return b, nil
}

// Module is what the program is made of in the kernel. It belongs to the BPF.
func (b *BPF) Module() *module.Module { return b.module }

// HeadersUsed says which kernel headers the program was compiled with: a folder, or what they were generated from.
func (b *BPF) HeadersUsed() string { return b.module.Object().Headers }

// Close detaches and closes everything: the trace pipe, the links, newest first, the programs, the tables. Readers that
// wait answer os.ErrClosed, and so does a second Close.
//
// Python: BPF.cleanup, BPF.close
func (b *BPF) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return errClosed
	}
	b.closed = true
	pipe := b.pipe
	b.mu.Unlock()

	var err error
	if pipe != nil {
		err = pipe.Close()
	}
	return errors.Join(err, b.module.Close())
}

var errClosed = fmt.Errorf("bcc: %w", os.ErrClosed)

// LoadFunc loads a function as a program of the given type. Loading it again in the same way returns the same program.
// The program belongs to the BPF.
//
// The error matches [module.ErrNoFunction], or is a [*LoadError] with the verifier's log.
//
// Python: BPF.load_func
func (b *BPF) LoadFunc(function string, t ProgType, o *LoadOptions) (*Program, error) {
	key := programKey{function: function, typ: t}
	if o != nil {
		key.options = *o
	}
	if key.options.Device == "" {
		key.options.Device = b.device
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errClosed
	}
	if p, ok := b.programs[key]; ok && p.FD() >= 0 {
		return p, nil
	}
	p, err := b.module.Load(function, t, &key.options)
	if err != nil {
		return nil, err
	}
	b.programs[key] = p
	return p, nil
}

// LoadFuncs loads every function as a program of the given type.
//
// Python: BPF.load_funcs
func (b *BPF) LoadFuncs(t ProgType) ([]*Program, error) {
	var programs []*Program
	for _, f := range b.module.Functions() {
		p, err := b.LoadFunc(f, t, nil)
		if err != nil {
			return nil, err
		}
		programs = append(programs, p)
	}
	return programs, nil
}

// DumpFunc returns a function's instructions, 8 bytes each, as they are sent to the kernel.
//
// Python: BPF.dump_func
func (b *BPF) DumpFunc(function string) ([]byte, error) { return b.module.Bytecode(function) }

// Table returns a table by its name in the source, as bytes. It belongs to the BPF.
//
// Python: BPF.get_table
func (b *BPF) Table(name string) (*table.Raw, error) { return b.module.Table(name) }

// TableOf returns a table by its name in the source, with Go types for its keys and values, as [table.New] checks them.
//
// Python: BPF.get_table
func TableOf[K, V any](b *BPF, name string) (*table.Table[K, V], error) {
	raw, err := b.Table(name)
	if err != nil {
		return nil, err
	}
	return table.New[K, V](raw)
}

// Links returns what is attached, in the order of attaching.
func (b *BPF) Links() []*Link { return b.module.Links() }
