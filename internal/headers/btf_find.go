package headers

import (
	"github.com/cilium/ebpf/btf"
)

// A findings is what one pass over type information found of the wanted names, in the order of their numbers.
type findings struct {
	tags        map[string][]btf.Type // structs, unions and enums
	typedefs    map[string][]btf.Type
	enumerators map[string][]btf.Type // the enums that have them
}

func newFindings() *findings {
	return &findings{map[string][]btf.Type{}, map[string][]btf.Type{}, map[string][]btf.Type{}}
}

// find looks for names. One pass over a hundred thousand types, comparing names, takes some milliseconds; an index of them
// would take longer to make.
func (f *btfFile) find(wanted map[string]bool) (*findings, error) {
	found := newFindings()
	for i, start := range f.starts {
		h, id := header(f.types[start:]), f.firstID+uint32(i)
		var err error
		switch h.kind() {
		case kindStruct, kindUnion:
			err = f.note(found.tags, wanted, h.name(), id)
		case kindTypedef:
			err = f.note(found.typedefs, wanted, h.name(), id)
		case kindEnum:
			err = f.noteEnum(found, wanted, h, id, 8)
		case kindEnum64:
			err = f.noteEnum(found, wanted, h, id, 12)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (f *btfFile) noteEnum(found *findings, wanted map[string]bool, h header, id uint32, bytes int) error {
	err := f.note(found.tags, wanted, h.name(), id)
	b := h.rest()
	for i := 0; i < int(h.count()) && err == nil; i++ {
		err = f.note(found.enumerators, wanted, order.Uint32(b[i*bytes:]), id)
	}
	return err
}

func (f *btfFile) note(names map[string][]btf.Type, wanted map[string]bool, name, id uint32) error {
	text := f.text(name)
	if len(text) == 0 || !wanted[string(text)] { // this conversion makes no copy
		return nil
	}
	t, err := f.typ(id)
	if err == nil {
		names[string(text)] = append(names[string(text)], t)
	}
	return err
}

// merge adds what a module has and its base has not.
func (a *findings) merge(b *findings) {
	for _, m := range []struct{ to, from map[string][]btf.Type }{
		{a.tags, b.tags}, {a.typedefs, b.typedefs}, {a.enumerators, b.enumerators},
	} {
		for name, types := range m.from {
			if _, ok := m.to[name]; !ok {
				m.to[name] = types
			}
		}
	}
}
