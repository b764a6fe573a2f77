package module

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/cilium/ebpf"
)

// The binary form of an object:
//
//	8 bytes   "GOBCCOBJ"
//	4 bytes   version
//	4 bytes   byte-order mark 0x01020304: code and BTF are in the order of the machine that compiled
//	4 bytes   CRC-32C of the payload
//	4 bytes   length of the payload
//	payload   the fields of Object in their order
//
// In the payload a number is 4 bytes; a text or a row of bytes is its length and its bytes; a list is its length and its
// elements; a yes or no is one number. Numbers are in the machine's byte order.
const (
	objectMagic   = "GOBCCOBJ"
	objectVersion = 1
	objectHeader  = 24
	byteOrderMark = 0x01020304
)

var (
	// ErrFormat means that bytes are not an object, or one that was damaged.
	ErrFormat = errors.New("not a compiled object, or a damaged one")
	// ErrVersion means that an object was written by another version of this library, or for a machine of another byte order.
	ErrVersion = errors.New("object of another version or byte order: compile it again")
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

type writer struct{ b []byte }

func (w *writer) num(n uint32) { w.b = binary.NativeEndian.AppendUint32(w.b, n) }

func (w *writer) flag(f bool) {
	if f {
		w.num(1)
	} else {
		w.num(0)
	}
}

func (w *writer) bytes(b []byte) {
	w.num(uint32(len(b)))
	w.b = append(w.b, b...)
}

func (w *writer) text(s string) {
	w.num(uint32(len(s)))
	w.b = append(w.b, s...)
}

// MarshalBinary returns the object's binary form. The same object has always the same bytes.
func (o *Object) MarshalBinary() ([]byte, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	w := writer{b: make([]byte, objectHeader, 64<<10)}
	w.text(o.License)
	w.num(o.KernelVersion)
	w.text(o.Compiler)
	w.text(o.Headers)
	w.bytes(o.BTF)
	w.num(uint32(len(o.Functions)))
	for i := range o.Functions {
		w.function(&o.Functions[i])
	}
	w.num(uint32(len(o.Tables)))
	for i := range o.Tables {
		w.table(&o.Tables[i])
	}
	w.num(uint32(len(o.Warnings)))
	for i := range o.Warnings {
		w.diagnostic(&o.Warnings[i])
	}
	header := writer{b: append(w.b[:0], objectMagic...)}
	header.num(objectVersion)
	header.num(byteOrderMark)
	header.num(crc32.Checksum(w.b[objectHeader:], crcTable))
	header.num(uint32(len(w.b) - objectHeader))
	return w.b, nil
}

func (w *writer) function(f *Function) {
	w.text(f.Name)
	w.bytes(f.Code)
	w.bytes(f.FuncInfo)
	w.num(f.FuncInfoSize)
	w.bytes(f.LineInfo)
	w.num(f.LineInfoSize)
}

func (w *writer) table(t *Table) {
	w.text(t.Name)
	for _, n := range []uint32{uint32(t.Type), t.KeySize, t.ValueSize, t.MaxEntries, t.Flags, t.BTFKey, t.BTFValue, uint32(t.Inner)} {
		w.num(n)
	}
	w.text(t.PinPath)
	w.flag(t.Extern)
	w.flag(t.Public)
	w.text(t.KeyDesc)
	w.text(t.ValueDesc)
	w.num(uint32(len(t.Events)))
	for _, e := range t.Events {
		w.text(e)
	}
}

func (w *writer) diagnostic(d *Diagnostic) {
	w.text(d.File)
	w.num(uint32(d.Line))
	w.num(uint32(d.Column))
	w.text(string(d.Severity))
	w.text(d.Message)
}

// reader takes a payload apart. After its first error everything is empty, so callers look at err once.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrFormat, what)
	}
	r.b = nil
}

func (r *reader) num() uint32 {
	if len(r.b) < 4 {
		r.fail("it ends too early")
		return 0
	}
	n := binary.NativeEndian.Uint32(r.b)
	r.b = r.b[4:]
	return n
}

func (r *reader) raw() []byte {
	n := r.num()
	if uint64(n) > uint64(len(r.b)) {
		r.fail("a length is larger than what is left")
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

// bytes copies: an object must not hold on to the file that it was read from, nor share it.
func (r *reader) bytes() []byte { return append([]byte(nil), r.raw()...) }

func (r *reader) text() string { return string(r.raw()) }

func (r *reader) flag() bool {
	n := r.num()
	if n > 1 {
		r.fail("a yes or no is neither")
	}
	return n == 1
}

// list reads a length and calls f as often. Elements take room in the payload, so a false length ends by itself.
func (r *reader) list(f func()) {
	for n := r.num(); n > 0 && r.err == nil; n-- {
		f()
	}
}

// UnmarshalBinary reads an object's binary form. The error matches [ErrFormat] or [ErrVersion].
func (o *Object) UnmarshalBinary(data []byte) error {
	if len(data) < objectHeader || string(data[:8]) != objectMagic {
		return ErrFormat
	}
	h := reader{b: data[8:]}
	if h.num() != objectVersion || h.num() != byteOrderMark {
		return ErrVersion
	}
	sum, length := h.num(), h.num()
	payload := data[objectHeader:]
	if uint64(length) != uint64(len(payload)) || crc32.Checksum(payload, crcTable) != sum {
		return fmt.Errorf("%w: the checksum or the length is wrong", ErrFormat)
	}
	r := reader{b: payload}
	read := r.object()
	if r.err == nil && len(r.b) > 0 {
		r.fail("there is more than an object")
	}
	if r.err != nil {
		return r.err
	}
	if err := read.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	*o = read
	return nil
}

func (r *reader) object() (o Object) {
	o.License, o.KernelVersion, o.Compiler, o.Headers, o.BTF = r.text(), r.num(), r.text(), r.text(), r.bytes()
	r.list(func() { o.Functions = append(o.Functions, r.function()) })
	r.list(func() { o.Tables = append(o.Tables, r.table()) })
	r.list(func() { o.Warnings = append(o.Warnings, r.diagnostic()) })
	return o
}

func (r *reader) function() (f Function) {
	f.Name, f.Code = r.text(), r.bytes()
	f.FuncInfo, f.FuncInfoSize = r.bytes(), r.num()
	f.LineInfo, f.LineInfoSize = r.bytes(), r.num()
	return f
}

func (r *reader) table() (t Table) {
	t.Name, t.Type = r.text(), ebpf.MapType(r.num())
	t.KeySize, t.ValueSize, t.MaxEntries, t.Flags = r.num(), r.num(), r.num(), r.num()
	t.BTFKey, t.BTFValue, t.Inner = r.num(), r.num(), int32(r.num())
	t.PinPath, t.Extern, t.Public = r.text(), r.flag(), r.flag()
	t.KeyDesc, t.ValueDesc = r.text(), r.text()
	r.list(func() { t.Events = append(t.Events, r.text()) })
	return t
}

func (r *reader) diagnostic() Diagnostic {
	return Diagnostic{File: r.text(), Line: int(r.num()), Column: int(r.num()), Severity: Severity(r.text()), Message: r.text()}
}
