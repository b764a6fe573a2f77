package headers

import (
	"maps"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// writeTypes writes definitions of types, which must be in an order that C can read, after forward declarations of all
// structs and unions that they mention.
func writeTypes(w *writer, types []btf.Type) (string, error) {
	var b strings.Builder
	for _, t := range types {
		text, err := w.definition(t)
		if err != nil {
			return "", err
		}
		b.WriteString(text + ";\n")
	}
	var head strings.Builder
	for _, tag := range slices.Sorted(maps.Keys(w.names.used)) {
		head.WriteString(tag + ";\n")
	}
	return head.String() + b.String(), nil
}

func (w *writer) definition(t btf.Type) (string, error) {
	switch t := t.(type) {
	case *btf.Enum:
		return w.enum(t), nil
	case *btf.Typedef:
		text, err := w.declare(t.Type, w.names.typedef(t), 0)
		return "typedef " + text, err
	}
	c, _, err := w.layouts.pool.composite(t)
	if err != nil {
		return "", err
	}
	return w.body(c, 0)
}
