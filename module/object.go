package module

import (
	"fmt"
	"slices"

	"github.com/cilium/ebpf"
)

// Object is a compiled program as plain data. It must not be changed once it is in use.
type Object struct {
	License       string       // as the kernel is told, "GPL" by default
	KernelVersion uint32       // LINUX_VERSION_CODE of the headers that it was compiled with
	Compiler      string       // file name of the libbcc that made it, such as "libbcc.so.0.26.0"
	Headers       string       // which kernel headers it was compiled with
	BTF           []byte       // type information of tables and functions, in the kernel's form; may be empty
	Functions     []Function   // sorted by name
	Tables        []Table      // sorted by name
	Warnings      []Diagnostic // what the compiler had to say
}

// Function is one BPF program of an object. What type of program it becomes is decided when it is loaded.
type Function struct {
	Name string // as in the source, with what it says of where the program belongs: kprobe__f
	// Code is the instructions, 8 bytes each, in the machine's byte order. Where one refers to a map, its immediate value
	// is the map's index in Object.Tables.
	Code         []byte
	FuncInfo     []byte // entries of FuncInfoSize bytes, in the kernel's form
	FuncInfoSize uint32
	LineInfo     []byte // entries of LineInfoSize bytes, in the kernel's form
	LineInfoSize uint32
}

// Table is one table of an object.
type Table struct {
	Name       string       // as in the source
	Type       ebpf.MapType // the kernel's kind of a map
	KeySize    uint32       // bytes
	ValueSize  uint32       // bytes; for one CPU in per-CPU tables
	MaxEntries uint32       // ring buffers: bytes
	Flags      uint32       // BPF_F_…
	BTFKey     uint32       // type id of the key in Object.BTF, 0: none
	BTFValue   uint32       // type id of the value, 0: none
	Inner      int32        // index of the table that describes this one's values, -1: none
	PinPath    string       // where it is pinned, or found if it exists; "": nowhere
	Extern     bool         // it is the public table of that name, of another object
	Public     bool         // other objects may name it extern
	KeyDesc    string       // libbcc's JSON description of the key's type
	ValueDesc  string       // the same of the value
	Events     []string     // fields of the records that the program submits to it, "name#type"
}

// Function returns the function of that name.
func (o *Object) Function(name string) (*Function, bool) {
	i := slices.IndexFunc(o.Functions, func(f Function) bool { return f.Name == name })
	if i < 0 {
		return nil, false
	}
	return &o.Functions[i], true
}

// Table returns the table of that name.
func (o *Object) Table(name string) (*Table, bool) {
	i := slices.IndexFunc(o.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return &o.Tables[i], true
}

// maxCode is the kernel's limit for one program, in bytes.
const maxCode = 1_000_000 * 8

// Validate tells whether the object's parts fit together: an object from a file is not to be trusted before.
func (o *Object) Validate() error {
	names := map[string]bool{}
	for i := range o.Tables {
		t := &o.Tables[i]
		if err := t.validate(o); err != nil {
			return fmt.Errorf("table %d (%s): %w", i, t.Name, err)
		}
		if names[t.Name] {
			return fmt.Errorf("table %s: there are two of that name", t.Name)
		}
		names[t.Name] = true
	}
	clear(names)
	for i, f := range o.Functions {
		if err := f.validate(o); err != nil {
			return fmt.Errorf("function %d (%s): %w", i, f.Name, err)
		}
		if names[f.Name] {
			return fmt.Errorf("function %s: there are two of that name", f.Name)
		}
		names[f.Name] = true
	}
	return nil
}

func (t *Table) validate(o *Object) error {
	if t.Name == "" {
		return fmt.Errorf("it has no name")
	}
	if t.Inner < -1 || int(t.Inner) >= len(o.Tables) {
		return fmt.Errorf("inner table %d of %d", t.Inner, len(o.Tables))
	}
	if t.Inner >= 0 && &o.Tables[t.Inner] == t {
		return fmt.Errorf("it is its own inner table; a table without one has -1 there")
	}
	if t.Inner >= 0 && o.Tables[t.Inner].Inner >= 0 {
		return fmt.Errorf("its inner table %s has an inner table itself", o.Tables[t.Inner].Name)
	}
	return nil
}

// isRow tells whether b is a row of entries of that size.
func isRow(b []byte, size uint32) bool { return len(b) == 0 || size > 0 && len(b)%int(size) == 0 }

func (f *Function) validate(o *Object) error {
	if f.Name == "" {
		return fmt.Errorf("it has no name")
	}
	if len(f.Code)%insnSize != 0 || len(f.Code) == 0 || len(f.Code) > maxCode {
		return fmt.Errorf("%d bytes of code", len(f.Code))
	}
	if !isRow(f.FuncInfo, f.FuncInfoSize) || !isRow(f.LineInfo, f.LineInfoSize) {
		return fmt.Errorf("information of %d and %d bytes in entries of %d and %d", len(f.FuncInfo), len(f.LineInfo), f.FuncInfoSize, f.LineInfoSize)
	}
	return eachMapReference(f.Code, func(index int32, _ []byte) error {
		if index < 0 || int(index) >= len(o.Tables) {
			return fmt.Errorf("an instruction names table %d of %d", index, len(o.Tables))
		}
		return nil
	})
}
