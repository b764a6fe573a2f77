package headers

import (
	"fmt"

	"github.com/cilium/ebpf/btf"
)

// A pool holds what is to be known of decoded types, of the kernel and of its modules.
//
// Members of structs and unions are decoded later, by composite: nearly all of the kernel's types can be reached from any
// one of them, and a program needs some hundred of a hundred thousand.
type pool struct {
	numbers map[btf.Type]uint32 // modules' types may have the same as those of other modules
	pending map[btf.Type]pendingMembers
	bits    map[btf.Type]bitRange // integers that are bit fields themselves, as compilers wrote them before the kernel's 4.20
	depth   int
}

type pendingMembers struct {
	file *btfFile
	raw  header
}

type bitRange struct{ offset, size btf.Bits }

func newPool() *pool {
	return &pool{numbers: map[btf.Type]uint32{}, pending: map[btf.Type]pendingMembers{}, bits: map[btf.Type]bitRange{}}
}

// maxDepth is how many types may follow one another without a struct or union between them. Valid C needs a dozen.
const maxDepth = 64

// typ decodes a type. Members of structs and unions are missing: see composite.
func (f *btfFile) typ(id uint32) (btf.Type, error) {
	if id == 0 {
		return (*btf.Void)(nil), nil
	}
	if f.base != nil && id < f.firstID {
		return f.base.typ(id)
	}
	if t, ok := f.decoded[id]; ok {
		return t, nil
	}
	h, err := f.header(id)
	if err != nil {
		return nil, err
	}
	if f.pool.depth > maxDepth {
		return nil, fmt.Errorf("%w: type %d is behind more than %d others", ErrBTF, id, maxDepth)
	}
	f.pool.depth++
	t, err := f.decode(h)
	f.pool.depth--
	if err != nil {
		return nil, err
	}
	f.decoded[id] = t
	f.pool.numbers[t] = id
	return t, nil
}

func (f *btfFile) decode(h header) (btf.Type, error) {
	name := f.identifier(h.name())
	switch h.kind() {
	case kindInt:
		return f.decodeInt(name, h), nil
	case kindFloat:
		return &btf.Float{Name: name, Size: h.size()}, nil
	case kindStruct:
		s := &btf.Struct{Name: name, Size: h.size()}
		f.pool.pending[s] = pendingMembers{f, h}
		return s, nil
	case kindUnion:
		u := &btf.Union{Name: name, Size: h.size()}
		f.pool.pending[u] = pendingMembers{f, h}
		return u, nil
	case kindEnum, kindEnum64:
		return f.decodeEnum(name, h), nil
	case kindFwd:
		kind := btf.FwdStruct
		if h.flag() {
			kind = btf.FwdUnion
		}
		return &btf.Fwd{Name: name, Kind: kind}, nil
	case kindArray:
		return f.decodeArray(h)
	case kindFuncProto:
		return f.decodeProto(h)
	}
	return f.decodeReference(name, h)
}

// decodeReference decodes the kinds that are little more than the type that they refer to.
func (f *btfFile) decodeReference(name string, h header) (btf.Type, error) {
	t, err := f.typ(h.typ())
	if err != nil {
		return nil, err
	}
	switch h.kind() {
	case kindPtr:
		return &btf.Pointer{Target: t}, nil
	case kindTypedef:
		return &btf.Typedef{Name: name, Type: t}, nil
	case kindVolatile:
		return &btf.Volatile{Type: t}, nil
	case kindConst:
		return &btf.Const{Type: t}, nil
	case kindRestrict:
		return &btf.Restrict{Type: t}, nil
	case kindTypeTag:
		return &btf.TypeTag{Type: t, Value: name}, nil
	}
	return nil, fmt.Errorf("%w: a member or pointer has a type of kind %d", ErrBTF, h.kind())
}

func (f *btfFile) decodeInt(name string, h header) btf.Type {
	info := order.Uint32(h.rest())
	t := &btf.Int{Name: name, Size: h.size(), Encoding: btf.IntEncoding(info >> 24 & 0xf)}
	offset, size := btf.Bits(info>>16&0xff), btf.Bits(info&0xff)
	if offset > 0 || size != btf.Bits(t.Size)*8 {
		f.pool.bits[t] = bitRange{offset, size}
	}
	return t
}

func (f *btfFile) decodeArray(h header) (btf.Type, error) {
	b := h.rest()
	t, err := f.typ(order.Uint32(b))
	if err != nil {
		return nil, err
	}
	return &btf.Array{Type: t, Nelems: order.Uint32(b[8:])}, nil
}

func (f *btfFile) decodeProto(h header) (btf.Type, error) {
	ret, err := f.typ(h.typ())
	if err != nil {
		return nil, err
	}
	p := &btf.FuncProto{Return: ret}
	h.elements(8, func(b []byte) {
		t, e := f.typ(order.Uint32(b[4:]))
		if e != nil {
			err = e
		}
		p.Params = append(p.Params, btf.FuncParam{Name: f.identifier(order.Uint32(b)), Type: t})
	})
	return p, err
}

func (f *btfFile) decodeEnum(name string, h header) btf.Type {
	e := &btf.Enum{Name: name, Size: h.size(), Signed: h.flag()}
	n := 8
	if h.kind() == kindEnum64 {
		n = 12
	}
	h.elements(n, func(b []byte) {
		v := btf.EnumValue{Name: f.identifier(order.Uint32(b)), Value: uint64(order.Uint32(b[4:]))}
		switch {
		case n == 12:
			v.Value |= uint64(order.Uint32(b[8:])) << 32
		case e.Signed:
			v.Value = uint64(int64(int32(v.Value)))
		}
		e.Values = append(e.Values, v)
	})
	return e
}

// identifier is a text as C allows it for a name. Rust's names, for one, have brackets and colons.
func (f *btfFile) identifier(offset uint32) string {
	b := f.text(offset)
	for i, c := range b {
		if !isWordByte(c) || i == 0 && isDigit(c) {
			return cleanIdentifier(b)
		}
	}
	return string(b)
}

// cleanIdentifier leaves spaces, which the names of integers have: "unsigned int".
func cleanIdentifier(b []byte) string {
	clean := make([]byte, len(b))
	for i, c := range b {
		if clean[i] = c; c != ' ' && !isWordByte(c) || i == 0 && isDigit(c) {
			clean[i] = '_'
		}
	}
	return string(clean)
}
