package headers

import (
	"fmt"

	"github.com/cilium/ebpf/btf"
)

// A place is what a compiler needs to know to put a member into a struct.
type place struct {
	bits  uint64 // that it takes
	align uint32 // that it gives the whole, in bytes
	unit  uint64 // of a bit field: that it may not cross a multiple of so many bits; 0: it may
	field bool   // it is a bit field
}

// next is where a compiler puts the member when at bits are taken: the rule of the System V ABI, and of those of the other
// 64-bit machines that Linux runs on.
func (p place) next(at uint64) uint64 {
	if !p.field {
		return roundUp(at, uint64(p.align)*8)
	}
	if p.unit != 0 && at/p.unit != (at+p.bits-1)/p.unit {
		return roundUp(at, p.unit)
	}
	return at
}

// place tells how a member is put into a struct that is packed, or not.
func (l *layouts) place(m btf.Member, packed bool) (place, error) {
	size, align, err := l.size(m.Type)
	if err != nil {
		return place{}, err
	}
	p := place{bits: size * 8, align: align}
	if packed {
		p.align = 1
	}
	if m.BitfieldSize == 0 {
		return p, nil
	}
	if p.unit = p.bits; packed {
		p.unit = 0
	}
	p.bits, p.field = uint64(m.BitfieldSize), true
	return p, nil
}

// size returns a type's size and alignment in bytes, as the C that is written for it has them.
func (l *layouts) size(t btf.Type) (size uint64, align uint32, err error) {
	switch t := underlying(t).(type) {
	case *btf.Int:
		return uint64(t.Size), naturalAlign(t.Size), nil
	case *btf.Float:
		return uint64(t.Size), naturalAlign(t.Size), nil
	case *btf.Enum:
		return uint64(t.Size), naturalAlign(t.Size), nil
	case *btf.Pointer:
		return 8, 8, nil
	case *btf.Array:
		size, align, err = l.size(t.Type)
		if n := uint64(t.Nelems); err == nil && n > 0 && size > maxSize/n {
			return 0, 0, fmt.Errorf("%w: an array of %d elements", ErrBTF, n)
		}
		return size * uint64(t.Nelems), align, err
	case *btf.Struct, *btf.Union:
		return l.compositeSize(t)
	}
	return 0, 0, fmt.Errorf("%w: a member of type %T, which has no size", ErrBTF, t)
}

// maxSize is more than any type's size that BTF can tell, and safe to compute with.
const maxSize = 1 << 40

func (l *layouts) compositeSize(t btf.Type) (uint64, uint32, error) {
	c, _, err := l.pool.composite(t)
	if err != nil {
		return 0, 0, err
	}
	lay, err := l.layout(c)
	if err != nil {
		return 0, 0, err
	}
	return uint64(c.size), lay.align, nil
}

// naturalAlign is a scalar's alignment. Only x86's long double has a size that is no power of two.
func naturalAlign(size uint32) uint32 {
	for n := uint32(16); n > 0; n /= 2 {
		if size >= n {
			return n
		}
	}
	return 1
}
