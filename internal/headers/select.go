package headers

import (
	"fmt"

	"github.com/cilium/ebpf/btf"
)

// A selector finds the types that a program needs, from those that it names: all that they hold by value, and what a
// pointer points at if follow knows the name of the member that is the pointer. For everything else behind pointers the
// name is enough.
//
// The types come in an order in which C can read them.
type selector struct {
	pool   *pool
	follow func(member string) bool
	given  func(t btf.Type) bool // defined elsewhere already: left out
	theirs func(t btf.Type) bool // the program has a type of its own of that name, and means that behind pointers
	order  []btf.Type            // named structs, unions, enums and typedefs
	seen   map[btf.Type]bool
	later  []btf.Type // behind pointers
	depth  int
}

// add selects a type and all that it needs.
func (s *selector) add(t btf.Type) error {
	s.later = append(s.later, t)
	for len(s.later) > 0 {
		t := s.later[len(s.later)-1]
		s.later = s.later[:len(s.later)-1]
		if err := s.complete(t); err != nil {
			return err
		}
	}
	return nil
}

// complete selects a type and what is needed to have a value of it.
func (s *selector) complete(t btf.Type) error {
	if s.depth++; s.depth > 4*maxDepth {
		return fmt.Errorf("%w: types hold each other more than %d levels deep", ErrBTF, s.depth-1)
	}
	defer func() { s.depth-- }()
	switch t := bare(t).(type) {
	case *btf.Array:
		return s.complete(t.Type)
	case *btf.Pointer, *btf.FuncProto:
		return s.refer(t)
	case *btf.Typedef:
		if err := s.refer(t); err != nil {
			return err
		}
		return s.complete(t.Type)
	case *btf.Enum:
		s.define(t)
	case *btf.Struct, *btf.Union:
		return s.completeMembers(t)
	}
	return nil
}

func (s *selector) completeMembers(t btf.Type) error {
	c, _, err := s.pool.composite(t)
	if err != nil || s.seen[t] || s.given(t) {
		return err
	}
	s.seen[t] = true
	for _, m := range c.members {
		if err := s.complete(m.Type); err != nil {
			return err
		}
		if m.Name != "" && s.follow(m.Name) {
			s.followPointer(m.Type)
		}
	}
	if c.name != "" {
		s.order = append(s.order, t)
	}
	return nil
}

// followPointer selects, later, what a pointer points at, if t is one, or an array of some.
func (s *selector) followPointer(t btf.Type) {
	pointer := false
	for {
		switch u := underlying(t).(type) {
		case *btf.Pointer:
			pointer, t = true, u.Target
		case *btf.Array:
			t = u.Type
		case *btf.Struct, *btf.Union:
			if pointer && !s.theirs(u) {
				s.later = append(s.later, t)
			}
			return
		default:
			return
		}
	}
}

// refer selects what is needed to say the name of a type: nothing for structs and unions.
func (s *selector) refer(t btf.Type) error {
	switch t := bare(t).(type) {
	case *btf.Array: // its elements must have a size, even if nothing is taken from it
		return s.complete(t.Type)
	case *btf.Pointer:
		return s.refer(t.Target)
	case *btf.FuncProto:
		if s.seen[t] {
			return nil
		}
		s.seen[t] = true
		for _, p := range t.Params {
			if err := s.refer(p.Type); err != nil {
				return err
			}
		}
		return s.refer(t.Return)
	case *btf.Enum:
		s.define(t)
	case *btf.Typedef:
		return s.referTypedef(t)
	case *btf.Struct, *btf.Union:
		if t.TypeName() == "" {
			return s.completeMembers(t)
		}
	}
	return nil
}

func (s *selector) referTypedef(t *btf.Typedef) error {
	if s.seen[t] || s.given(t) {
		return nil
	}
	s.seen[t] = true
	if err := s.refer(t.Type); err != nil {
		return err
	}
	s.order = append(s.order, t)
	return nil
}

// define selects an enum. C has no declaration of an enum without its enumerators.
func (s *selector) define(e *btf.Enum) {
	if !s.seen[e] && !s.given(e) {
		s.seen[e] = true
		s.order = append(s.order, e)
	}
}
