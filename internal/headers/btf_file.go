package headers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cilium/ebpf/btf"
)

// ErrBTF means that type information cannot be understood.
var ErrBTF = errors.New("malformed BTF")

// The format of BTF, from the kernel's include/uapi/linux/btf.h: a header, types one after another, and texts. A type has 12
// bytes (text offset of its name; count, kind and a flag; size or type) and then, for some kinds, more.
const (
	btfMagic     = 0xeb9f
	btfTypeBytes = 12
	btfMaxKind   = 31
)

// The kinds of types.
const (
	kindInt = iota + 1
	kindPtr
	kindArray
	kindStruct
	kindUnion
	kindEnum
	kindFwd
	kindTypedef
	kindVolatile
	kindConst
	kindRestrict
	kindFunc
	kindFuncProto
	kindVar
	kindDatasec
	kindFloat
	kindDeclTag
	kindTypeTag
	kindEnum64
)

// extra is what follows the 12 bytes: so many bytes once, and so many for each of the type's elements.
var extra = [...]struct{ once, each uint32 }{
	kindInt: {once: 4}, kindArray: {once: 12}, kindStruct: {each: 12}, kindUnion: {each: 12}, kindEnum: {each: 8},
	kindFuncProto: {each: 8}, kindVar: {once: 4}, kindDatasec: {each: 12}, kindDeclTag: {once: 4}, kindEnum64: {each: 12},
}

// A btfFile is the type information of the kernel, or of a module on top of it. It is not safe for concurrent use.
type btfFile struct {
	base      *btfFile // of a module: the kernel
	types     []byte
	texts     []byte
	firstText uint32   // offset that the first of texts has; they go on where base's end
	firstID   uint32   // number of the first type; likewise
	starts    []uint32 // of each type in types
	decoded   map[uint32]btf.Type
	*pool     // shared with base
}

var order = binary.NativeEndian

// openBTF takes the contents of a BTF file. It keeps b.
func openBTF(b []byte, base *btfFile) (*btfFile, error) {
	if len(b) < 24 || order.Uint16(b) != btfMagic {
		return nil, fmt.Errorf("%w: not in this machine's byte order, or no BTF at all", ErrBTF)
	}
	section := func(at int, header uint32) ([]byte, bool) {
		start, size := uint64(header)+uint64(order.Uint32(b[at:])), uint64(order.Uint32(b[at+4:]))
		if start+size > uint64(len(b)) {
			return nil, false
		}
		return b[start : start+size], true
	}
	header := order.Uint32(b[4:])
	types, ok1 := section(8, header)
	texts, ok2 := section(16, header)
	if !ok1 || !ok2 || len(texts) == 0 && base == nil {
		return nil, fmt.Errorf("%w: it is cut off", ErrBTF)
	}
	f := &btfFile{base: base, types: types, texts: texts, firstID: 1, decoded: map[uint32]btf.Type{}}
	if base == nil {
		f.pool = newPool()
	} else {
		f.firstID, f.firstText, f.pool = base.endID(), uint32(len(base.texts)), base.pool
	}
	return f, f.findStarts()
}

func (f *btfFile) endID() uint32 { return f.firstID + uint32(len(f.starts)) }

// findStarts notes where each type starts, since types have different lengths.
func (f *btfFile) findStarts() error {
	f.starts = make([]uint32, 0, len(f.types)/22) // 22 is what they have on average
	for at := uint64(0); at < uint64(len(f.types)); {
		if at+btfTypeBytes > uint64(len(f.types)) {
			return fmt.Errorf("%w: a type is cut off", ErrBTF)
		}
		h := header(f.types[at:])
		if h.kind() == 0 || h.kind() > kindEnum64 {
			return fmt.Errorf("%w: types of kind %d are unknown", ErrBTF, h.kind())
		}
		f.starts = append(f.starts, uint32(at))
		var more struct{ once, each uint32 }
		if int(h.kind()) < len(extra) {
			more = extra[h.kind()]
		}
		at += btfTypeBytes + uint64(more.once) + uint64(more.each)*uint64(h.count())
		if at > uint64(len(f.types)) || at > math.MaxUint32 {
			return fmt.Errorf("%w: a type is cut off", ErrBTF)
		}
	}
	return nil
}

// A header is the first 12 bytes of a type, and all that follows.
type header []byte

func (h header) name() uint32  { return order.Uint32(h) }
func (h header) count() uint32 { return order.Uint32(h[4:]) & 0xffff }
func (h header) kind() uint32  { return order.Uint32(h[4:]) >> 24 & btfMaxKind }
func (h header) flag() bool    { return order.Uint32(h[4:])>>31 != 0 }
func (h header) size() uint32  { return order.Uint32(h[8:]) }
func (h header) typ() uint32   { return order.Uint32(h[8:]) } // of the kinds that have no size
func (h header) rest() []byte  { return h[btfTypeBytes:] }

// elements calls f with each of the count pieces of n bytes that follow a header.
func (h header) elements(n int, f func([]byte)) {
	b := h.rest()
	for range h.count() {
		f(b[:n])
		b = b[n:]
	}
}

// header returns a type by its number. The number must be one of f's or of its base's.
func (f *btfFile) header(id uint32) (header, error) {
	if f.base != nil && id < f.firstID {
		return f.base.header(id)
	}
	if id < f.firstID || id >= f.endID() {
		return nil, fmt.Errorf("%w: there is no type %d", ErrBTF, id)
	}
	return header(f.types[f.starts[id-f.firstID]:]), nil
}

// text returns the text at an offset; empty where there is none.
func (f *btfFile) text(offset uint32) []byte {
	if f.base != nil && offset < f.firstText {
		return f.base.text(offset)
	}
	if i := offset - f.firstText; i < uint32(len(f.texts)) {
		b := f.texts[i:]
		if n := bytes.IndexByte(b, 0); n >= 0 {
			return b[:n]
		}
	}
	return nil
}
