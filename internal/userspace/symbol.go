package userspace

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// ErrNoSymbol means that a file has no symbol of that name.
var ErrNoSymbol = errors.New("no such symbol")

// File is an ELF file that is open for looking things up.
type File struct {
	path string
	elf  *elf.File
}

// Open opens an ELF file: a program or a shared library.
func Open(path string) (*File, error) {
	f, err := elf.Open(path)
	var format *elf.FormatError
	switch {
	case errors.As(err, &format):
		return nil, fmt.Errorf("%s is not an ELF file: %w", path, err)
	case err != nil:
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			return nil, err // names the path itself
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &File{path, f}, nil
}

// Close closes the file.
func (f *File) Close() error { return f.elf.Close() }

// Symbol is a symbol that has an address in the file.
type Symbol struct {
	Name    string
	Address uint64 // as the file has it
	IFunc   bool   // the address is that of code which chooses the implementation
}

// Symbol finds a symbol by its name: in the full symbol table where the file has one, then in the dynamic one. Of several
// versions of a symbol it is the one that programs are linked with today.
func (f *File) Symbol(name string) (Symbol, error) {
	var old *elf.Symbol
	for _, s := range f.symbols() {
		switch {
		case plain(s.Name) != name || s.Value == 0:
		case isOld(s):
			old = &s
		default:
			return found(s), nil
		}
	}
	if old != nil {
		return found(*old), nil
	}
	return Symbol{}, fmt.Errorf("%s in %s: %w", name, f.path, ErrNoSymbol)
}

func found(s elf.Symbol) Symbol {
	return Symbol{plain(s.Name), s.Value, elf.ST_TYPE(s.Info) == elf.STT_GNU_IFUNC}
}

// isOld tells whether a symbol is a version that only programs linked long ago use.
func isOld(s elf.Symbol) bool {
	return s.HasVersion && s.VersionIndex.IsHidden() || strings.Contains(s.Name, "@") && !strings.Contains(s.Name, "@@")
}

// symbols is empty for a file without symbols.
func (f *File) symbols() []elf.Symbol {
	static, _ := f.elf.Symbols()
	dynamic, _ := f.elf.DynamicSymbols()
	return append(static, dynamic...)
}

// plain is a symbol's name without its version.
func plain(name string) string {
	name, _, _ = strings.Cut(name, "@")
	return name
}

// SearchesElsewhere tells whether the file names folders of its own for the libraries that it needs.
func (f *File) SearchesElsewhere() bool {
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		if paths, err := f.elf.DynString(tag); err != nil || len(paths) > 0 {
			return true
		}
	}
	return false
}

// Names returns the names of the functions in the file that have code, each once.
func (f *File) Names() []string {
	seen := map[string]bool{}
	var names []string
	for _, s := range f.symbols() {
		typ := elf.ST_TYPE(s.Info)
		name := plain(s.Name)
		if (typ == elf.STT_FUNC || typ == elf.STT_GNU_IFUNC) && s.Value != 0 && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// Offset turns an address of the file's code into an offset in the file.
func (f *File) Offset(address uint64) (uint64, error) {
	for _, p := range f.elf.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 && address >= p.Vaddr && address < p.Vaddr+p.Memsz {
			return address - p.Vaddr + p.Off, nil
		}
	}
	return 0, fmt.Errorf("address %#x is not in the code of %s", address, f.path)
}
