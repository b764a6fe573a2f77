package headers

import "github.com/cilium/ebpf/btf"

// A composite is a struct or union with its members.
type composite struct {
	typ     btf.Type
	keyword string
	name    string
	size    uint32
	members []btf.Member
}

// composite returns a struct or union, and decodes its members when it is asked for the first time; ok is false for other
// types.
func (p *pool) composite(t btf.Type) (c composite, ok bool, err error) {
	if q, later := p.pending[t]; later {
		if err := q.file.fill(t, q.raw); err != nil {
			return composite{}, false, err
		}
		delete(p.pending, t)
	}
	switch t := t.(type) {
	case *btf.Struct:
		return composite{t, "struct", t.Name, t.Size, t.Members}, true, nil
	case *btf.Union:
		return composite{t, "union", t.Name, t.Size, t.Members}, true, nil
	}
	return composite{}, false, nil
}

// fill decodes the members of a struct or union of this file.
func (f *btfFile) fill(t btf.Type, h header) error {
	members := make([]btf.Member, 0, h.count())
	var failed error
	h.elements(12, func(b []byte) {
		mt, err := f.typ(order.Uint32(b[4:]))
		if err != nil {
			failed = err
			return
		}
		m := btf.Member{Name: f.identifier(order.Uint32(b)), Type: mt, Offset: btf.Bits(order.Uint32(b[8:]))}
		if h.flag() {
			m.BitfieldSize = m.Offset >> 24
			m.Offset &= 0xffffff
		} else if r, ok := f.pool.bits[bare(mt)]; ok {
			m.Offset += r.offset
			m.BitfieldSize = r.size
		}
		members = append(members, m)
	})
	switch t := t.(type) {
	case *btf.Struct:
		t.Members = members
	case *btf.Union:
		t.Members = members
	}
	return failed
}

// bare takes off qualifiers: const, volatile, restrict and tags.
func bare(t btf.Type) btf.Type {
	for {
		switch q := t.(type) {
		case *btf.Const:
			t = q.Type
		case *btf.Volatile:
			t = q.Type
		case *btf.Restrict:
			t = q.Type
		case *btf.TypeTag:
			t = q.Type
		default:
			return t
		}
	}
}

// underlying takes off qualifiers and typedefs.
func underlying(t btf.Type) btf.Type {
	for {
		t = bare(t)
		td, ok := t.(*btf.Typedef)
		if !ok {
			return t
		}
		t = td.Type
	}
}
