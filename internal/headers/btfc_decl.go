package headers

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// A writer writes types as C. The names of types come from names, everything else from the types.
type writer struct {
	layouts *layouts
	names   *names
	parts   int // of declarations, so far
}

// maxParts is far more than declarations of all of the kernel's types have. Malformed types, which hold each other in many
// ways, would have a number of parts without bounds.
const maxParts = 2_000_000

func newWriter(p *pool, r reserved) *writer {
	return &writer{layouts: newLayouts(p), names: newNames(p, r)}
}

// declare writes a declaration of what inner says, a name or the inside of a declarator, as C has it: the type around the
// name. Pointers to arrays and functions need brackets.
func (w *writer) declare(t btf.Type, inner string, level int) (string, error) {
	if w.parts++; w.parts > maxParts {
		return "", fmt.Errorf("%w: types have too many parts", ErrBTF)
	}
	var quals string
	for {
		switch q := t.(type) {
		case *btf.Const:
			quals, t = "const "+quals, q.Type
			continue
		case *btf.Volatile:
			quals, t = "volatile "+quals, q.Type
			continue
		case *btf.Restrict:
			quals, t = "__restrict "+quals, q.Type
			continue
		case *btf.TypeTag: // __user, __rcu: for checkers, not for compilers
			t = q.Type
			continue
		}
		break
	}
	switch t := t.(type) {
	case *btf.Pointer:
		return w.declarePointer(t, quals+inner, level)
	case *btf.Array: // the elements have what qualifies an array
		return w.declare(qualified(quals, t.Type), fmt.Sprintf("%s[%d]", inner, t.Nelems), level)
	case *btf.FuncProto:
		params, err := w.params(t, level)
		if err != nil {
			return "", err
		}
		return w.declare(t.Return, inner+"("+params+")", level)
	}
	base, err := w.specifier(t, level)
	if inner != "" && err == nil {
		base += " "
	}
	return strings.ReplaceAll(quals, "__restrict ", "") + base + inner, err
}

func (w *writer) declarePointer(t *btf.Pointer, inner string, level int) (string, error) {
	inner = "*" + inner
	switch bare(t.Target).(type) {
	case *btf.Array, *btf.FuncProto:
		inner = "(" + inner + ")"
	}
	return w.declare(t.Target, inner, level)
}

// qualified puts qualifiers back around a type.
func qualified(quals string, t btf.Type) btf.Type {
	if strings.Contains(quals, "const ") {
		t = &btf.Const{Type: t}
	}
	if strings.Contains(quals, "volatile ") {
		t = &btf.Volatile{Type: t}
	}
	return t
}

func (w *writer) params(t *btf.FuncProto, level int) (string, error) {
	if len(t.Params) == 0 {
		return "void", nil
	}
	list := make([]string, len(t.Params))
	for i, p := range t.Params {
		if _, void := bare(p.Type).(*btf.Void); void && i == len(t.Params)-1 && i > 0 {
			list[i] = "..."
			break
		}
		var err error // parameters' names would only be in the way of macros
		if list[i], err = w.declare(p.Type, "", level); err != nil {
			return "", err
		}
	}
	return strings.Join(list, ", "), nil
}

// specifier writes what stands before the declarator.
func (w *writer) specifier(t btf.Type, level int) (string, error) {
	switch t := t.(type) {
	case *btf.Void:
		return "void", nil
	case *btf.Int:
		return t.Name, nil
	case *btf.Float:
		return t.Name, nil
	case *btf.Typedef:
		return w.names.typedef(t), nil
	case *btf.Enum:
		return "enum " + w.names.tag(t), nil
	case *btf.Fwd:
		return t.Kind.String() + " " + w.names.tag(t), nil
	case *btf.Struct, *btf.Union:
		c, _, err := w.layouts.pool.composite(t)
		if err != nil {
			return "", err
		}
		if c.name == "" {
			return w.body(c, level)
		}
		return c.keyword + " " + w.names.tag(t), nil
	}
	return "", fmt.Errorf("%w: a declaration with a type %T", ErrBTF, t)
}
