package headers

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// maxNesting is how deep anonymous structs and unions may be in one another; the kernel has less than ten levels.
const maxNesting = 40

// body writes a struct or union with its members: "struct name {...}", with the attribute that its layout needs.
func (w *writer) body(c composite, level int) (string, error) {
	if level > maxNesting {
		return "", fmt.Errorf("%w: anonymous types are nested deeper than %d", ErrBTF, maxNesting)
	}
	lay, err := w.layouts.layout(c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(c.keyword)
	if c.name != "" {
		b.WriteString(" " + w.names.tag(c.typ))
	}
	b.WriteString(" {\n")
	indent := strings.Repeat("\t", level+1)
	for i, m := range c.members {
		writePads(&b, c.keyword, lay.pads[i], indent)
		decl, err := w.declare(m.Type, m.Name, level+1)
		if err != nil {
			return "", err
		}
		b.WriteString(indent + decl)
		if m.BitfieldSize > 0 {
			fmt.Fprintf(&b, " : %d", m.BitfieldSize)
		}
		b.WriteString(";\n")
	}
	writePads(&b, c.keyword, lay.pads[len(c.members)], indent)
	b.WriteString(strings.Repeat("\t", level) + "}")
	if lay.packed {
		b.WriteString(" __attribute__((packed))")
	}
	return b.String(), nil
}

// writePads writes pads. Those of a union lie over each other, so they become one member.
func writePads(b *strings.Builder, keyword string, pads []pad, indent string) {
	total := uint64(0)
	for _, p := range pads {
		switch total += p.bits; {
		case keyword == "union":
		case p.name != "":
			fmt.Fprintf(b, "%s%s %s[%d];\n", indent, p.typ, p.name, p.bits/8)
		default:
			fmt.Fprintf(b, "%s%s : %d;\n", indent, p.typ, p.bits)
		}
	}
	if keyword == "union" && total > 0 {
		fmt.Fprintf(b, "%schar __gobcc_pad[%d];\n", indent, total/8)
	}
}

// enumModes are the machine modes that give an enum a size other than that of int. BTF says the size of enums, and not that
// they were packed.
var enumModes = map[uint32]string{1: "byte", 2: "HI", 8: "DI"}

// enum writes an enum with its enumerators.
func (w *writer) enum(e *btf.Enum) string {
	var b strings.Builder
	b.WriteString("enum " + w.names.tag(e) + " {\n")
	for _, v := range e.Values {
		b.WriteString("\t" + w.names.enumerator(e, v.Name) + " = " + enumValue(e, v.Value) + ",\n")
	}
	if len(e.Values) == 0 { // C wants at least one
		b.WriteString("\t" + w.names.tag(e) + "___empty,\n")
	}
	b.WriteString("}")
	if mode, ok := enumModes[e.Size]; ok {
		b.WriteString(" __attribute__((mode(" + mode + ")))")
	}
	return b.String()
}

func enumValue(e *btf.Enum, v uint64) string {
	switch {
	case e.Signed && int64(v) == -1<<63:
		return "(-9223372036854775807LL - 1)"
	case e.Signed:
		return fmt.Sprint(int64(v))
	case v > 1<<63-1:
		return fmt.Sprintf("%dULL", v)
	}
	return fmt.Sprint(v)
}
