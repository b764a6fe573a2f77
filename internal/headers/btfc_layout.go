package headers

import (
	"fmt"

	"github.com/cilium/ebpf/btf"
)

// A layout says how the members of a struct or union are to be written so that a C compiler puts them where the kernel's
// compiler put them. BTF has the places, but not the attributes (packed, aligned) that led to them.
//
// All of it follows from one model of what a compiler does, place. Alignment that attributes made stricter shows only as
// gaps, and gaps are written out; alignment that they made looser can only be written as packed.
type layout struct {
	packed bool
	pads   [][]pad // before each member, and at the end
	align  uint32  // of the whole, in bytes, as written
}

// A pad is an unnamed bit field: it takes space, and unlike a named member it does not count in initializers. Where many
// would be needed it is an array of bytes, and has a name.
type pad struct {
	typ  string
	bits uint64 // of the bit field, or of the array
	name string
}

// padTypes are used for pads, the largest that fits first.
var padTypes = []pad{{typ: "long", bits: 64}, {typ: "int", bits: 32}, {typ: "short", bits: 16}, {typ: "char", bits: 8}}

// maxPads is how many unnamed ones may be in a row.
const maxPads = 64

// layout finds out how to write a composite.
func (l *layouts) layout(c composite) (*layout, error) {
	if done, ok := l.done[c.typ]; ok {
		if done == nil {
			return nil, fmt.Errorf("%w: %s %s holds itself", ErrBTF, c.keyword, c.name)
		}
		return done, nil
	}
	l.done[c.typ] = nil
	for _, packed := range []bool{false, true} {
		try, ok, err := l.try(c, packed)
		if err != nil {
			return nil, err
		}
		if ok {
			l.done[c.typ] = try
			return try, nil
		}
	}
	return nil, fmt.Errorf("%w: members of %s %s overlap", ErrBTF, c.keyword, c.name)
}

// layouts remembers layouts: of the types that many others hold, they are needed often.
type layouts struct {
	pool *pool
	done map[btf.Type]*layout
}

func newLayouts(p *pool) *layouts { return &layouts{p, map[btf.Type]*layout{}} }

// try writes the members in order and puts pads where the compiler would put a member too early. It fails where the
// compiler would put one too late.
func (l *layouts) try(c composite, packed bool) (*layout, bool, error) {
	out := &layout{packed: packed, align: 1}
	places := make([]place, len(c.members))
	for i, m := range c.members {
		p, err := l.place(m, packed)
		if err != nil {
			return nil, false, err
		}
		places[i] = p
		out.align = max(out.align, p.align)
	}
	at := uint64(0) // in bits, from the start
	for i, p := range places {
		if c.keyword == "union" {
			at = 0
		}
		want := uint64(c.members[i].Offset)
		pads, ok := fill(at, want, p, out.align)
		if !ok {
			return nil, false, nil
		}
		out.pads = append(out.pads, pads)
		at = want + p.bits
	}
	return out, out.end(c, places, at), nil
}

// end pads the end, and tells whether the whole has the right size then.
func (out *layout) end(c composite, places []place, at uint64) bool {
	if c.keyword == "union" {
		for _, p := range places {
			at = max(at, p.bits)
		}
	}
	size, align := uint64(c.size)*8, uint64(out.align)*8
	if size%align != 0 || at > size {
		return false
	}
	out.pads = append(out.pads, nil)
	if roundUp(at, align) != size {
		if c.keyword == "union" {
			at = 0
		}
		out.pads[len(places)] = gap(at, size, out.align)
	}
	return true
}

// fill returns the pads that make a member come to want when at bits are taken.
func fill(at, want uint64, p place, align uint32) ([]pad, bool) {
	switch {
	case want < at:
		return nil, false
	case p.next(at) == want:
		return nil, true
	case p.next(want) != want:
		return nil, false
	}
	return gap(at, want, align), true
}

// gap fills the bits from at to end. No pad has a type of stricter alignment than the whole: on some machines that would
// make the whole's stricter too.
func gap(at, end uint64, align uint32) (pads []pad) {
	for at < end {
		bits := min(end-at, 8-at%8)
		switch {
		case at%8 == 0 && len(pads) == maxPads:
			bits = (end - at) / 8 * 8
			pads = append(pads, pad{"char", bits, fmt.Sprintf("__gobcc_pad_%d", at/8)})
		case bits == 8:
			bits = largest(at, end, align)
			fallthrough
		default:
			pads = append(pads, pad{typ: padType(bits), bits: bits})
		}
		at += bits
	}
	return pads
}

// largest is the size of the largest type of pad that fits at a byte, where at least one fits.
func largest(at, end uint64, align uint32) uint64 {
	for _, t := range padTypes {
		if t.bits <= uint64(align)*8 && at%t.bits == 0 && at+t.bits <= end {
			return t.bits
		}
	}
	return 8
}

func padType(bits uint64) string {
	for _, t := range padTypes {
		if t.bits == bits {
			return t.typ
		}
	}
	return "char"
}

func roundUp(n, to uint64) uint64 { return (n + to - 1) / to * to }
