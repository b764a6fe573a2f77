package headers

import (
	"fmt"

	"github.com/cilium/ebpf/btf"
)

// names gives types their names in C. BTF may have several types of one name, from different source files of the kernel,
// and the program may use a name for something of its own.
//
// Tags of structs, unions and enums are one name space of C; typedefs and enumerators are part of another.
type names struct {
	pool     *pool
	reserved reserved
	tags     map[string]string // keyword by tag
	words    map[string]bool   // typedefs and enumerators
	of       map[btf.Type]string
	values   map[enumerator]string
	used     map[string]bool // "struct x": all that were asked for
}

type enumerator struct {
	enum *btf.Enum
	name string
}

// reserved names belong to the program and to libbcc.
type reserved struct {
	tags  map[string]string // keyword by tag
	words map[string]bool   // of functions, variables, typedefs, enumerators and macros
}

func newNames(p *pool, r reserved) *names {
	return &names{pool: p, reserved: r, tags: map[string]string{}, words: map[string]bool{}, of: map[btf.Type]string{},
		values: map[enumerator]string{}, used: map[string]bool{}}
}

// assign gives names to types that are to be defined. The first that asks for a name gets it, so those that the program
// names must come first.
func (n *names) assign(types []btf.Type) {
	for _, t := range types {
		if n.of[t] != "" {
			continue
		}
		switch t := t.(type) {
		case *btf.Typedef:
			n.of[t] = n.word(t.Name)
		case *btf.Enum:
			n.assignEnum(t)
		default:
			n.of[t] = n.newTag(keyword(t), t.TypeName())
		}
	}
}

func (n *names) assignEnum(e *btf.Enum) {
	name := e.Name
	if name == "" {
		name = fmt.Sprintf("__gobcc_enum_%d", n.pool.numbers[e])
	}
	n.of[e] = n.newTag("enum", name)
	for _, v := range e.Values {
		n.values[enumerator{e, v.Name}] = n.word(v.Name)
	}
}

func (n *names) newTag(keyword, name string) string {
	name = unused(name, func(s string) bool { return n.reserved.tags[s] != "" }, func(s string) bool { return n.tags[s] != "" })
	n.tags[name] = keyword
	return name
}

func (n *names) word(name string) string {
	name = unused(name, func(s string) bool { return n.reserved.words[s] }, func(s string) bool { return n.words[s] })
	n.words[name] = true
	return name
}

// unused makes a new name out of one that is not free.
func unused(name string, reserved, taken func(string) bool) string {
	if reserved(name) {
		name += "___kern"
	}
	for i, plain := 2, name; taken(name); i++ {
		name = fmt.Sprintf("%s___%d", plain, i)
	}
	return name
}

// tag is the tag of a struct, union or enum. One that is not defined shares its name with all that have it: only pointers
// to it are there, and the program should see in them what it calls so.
func (n *names) tag(t btf.Type) string {
	name, ok := n.of[t]
	if kw := keyword(t); !ok {
		name = t.TypeName()
		for _, other := range []string{n.tags[name], n.reserved.tags[name]} {
			if other != "" && other != kw {
				name += "___" + kw
			}
		}
	}
	if kw := keyword(t); kw != "enum" {
		n.used[kw+" "+name] = true
	}
	return name
}

func (n *names) typedef(t *btf.Typedef) string {
	if name, ok := n.of[t]; ok {
		return name
	}
	return t.Name
}

func (n *names) enumerator(e *btf.Enum, name string) string { return n.values[enumerator{e, name}] }

func keyword(t btf.Type) string {
	switch t := t.(type) {
	case *btf.Union:
		return "union"
	case *btf.Enum:
		return "enum"
	case *btf.Fwd:
		return t.Kind.String()
	}
	return "struct"
}
