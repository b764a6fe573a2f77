package headers

import (
	"maps"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// generate makes the text of types and macros.
func (g *generator) generate() (string, error) {
	g.picker = &picker{table: macroTable(), uapi: uapi, taken: g.taken, mine: g.mine, holds: g.holds, picked: map[string]macro{}}
	if err := g.find(); err != nil {
		return "", err
	}
	g.picker.pick(g.program)
	g.useAliases()
	types, err := g.types()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	names := slices.Sorted(maps.Keys(g.flagMacros()))
	for _, name := range names { // the program's flags are not about the kernel's types
		b.WriteString("#pragma push_macro(\"" + name + "\")\n#undef " + name + "\n")
	}
	g.plainTypedefs(&b)
	b.WriteString(types)
	for _, name := range names {
		b.WriteString("#pragma pop_macro(\"" + name + "\")\n")
	}
	g.picker.write(&b)
	return b.String(), nil
}

// find looks up all names that could be needed: the program's, and those of macros that it may lead to.
func (g *generator) find() error {
	wanted := maps.Clone(g.program.words)
	for _, m := range g.picker.candidates(g.program.words) {
		for _, list := range append([][]token{m.words}, m.conditions...) {
			for _, t := range list {
				wanted[t.text] = true
			}
		}
	}
	maps.Copy(wanted, baseTypedefs)
	maps.Copy(g.program.words, baseTypedefs)
	found, err := g.kernel.find(wanted)
	if err != nil {
		return err
	}
	g.found = found
	if err := g.kernel.findInModules(found, wanted, g.missing); err != nil {
		return err
	}
	for _, t := range g.missing() {
		g.unknown = append(g.unknown, t.keyword+" "+t.name)
	}
	return nil
}

// taken tells whether a name is the program's, libbcc's or an enumerator, and so no macro's.
func (g *generator) taken(name string) bool {
	return g.program.owns(name) || g.program.ownWords[name] || g.provided.words[name] || g.provided.macros[name] ||
		len(g.found.enumerators[name]) > 0
}

// mine tells whether a macro without parameters would hit a name of the program's.
func (g *generator) mine(name string) bool { return g.program.members[name] }

// flagMacros are the macros that flags define.
func (g *generator) flagMacros() map[string]bool {
	all := map[string]bool{}
	for _, d := range g.flags.defines {
		if isIdentifier(d.name) {
			all[d.name] = true
		}
	}
	return all
}

// useAliases makes "struct x" mean the type that a macro x stands for.
func (g *generator) useAliases() {
	for t := range maps.Clone(g.program.tags) {
		if m, ok := g.picker.picked[t.name]; ok && !m.params && len(m.words) == 1 {
			g.program.tags[tag{t.keyword, m.words[0].text}] = true
		}
	}
}

// types selects the types and writes them.
func (g *generator) types() (string, error) {
	pool := g.kernel.pool
	s := &selector{pool: pool, given: g.given, seen: map[btf.Type]bool{},
		follow: func(member string) bool { return g.program.words[member] },
		theirs: func(t btf.Type) bool { return g.program.ownTags[t.TypeName()] != "" }}
	roots := g.roots()
	for _, t := range roots {
		if err := s.add(t); err != nil {
			return "", err
		}
	}
	g.order = s.order
	w := newWriter(pool, g.reserved())
	w.names.assign(slices.DeleteFunc(roots, func(t btf.Type) bool { return !s.seen[t] }))
	w.names.assign(s.order)
	for t := range g.program.tags { // those of nothing known too: a pointer to it is no error
		if t.keyword != "enum" {
			w.names.used[t.keyword+" "+t.name] = true
		}
	}
	return writeTypes(w, s.order)
}

// given tells whether a type is defined elsewhere.
func (g *generator) given(t btf.Type) bool {
	name := t.TypeName()
	if _, ok := t.(*btf.Typedef); ok {
		return name == "__builtin_va_list"
	}
	return name != "" && g.provided.tags[name] != ""
}

// reserved are the names that belong to the program and libbcc.
func (g *generator) reserved() reserved {
	r := reserved{tags: maps.Clone(g.provided.tags), words: maps.Clone(g.provided.words)}
	maps.Copy(r.tags, g.program.ownTags)
	maps.Copy(r.words, g.provided.macros)
	maps.Copy(r.words, g.program.ownWords)
	for w := range baseTypedefs {
		delete(r.words, w)
	}
	return r
}

// plainTypedefs writes typedefs that the program uses and BTF lacks.
func (g *generator) plainTypedefs(b *strings.Builder) {
	for _, name := range slices.Sorted(maps.Keys(plainTypedefs)) {
		known := len(g.found.typedefs[name]) > 0
		if g.program.words[name] && !known && (!g.program.ownWords[name] || baseTypedefs[name]) {
			b.WriteString("typedef " + plainTypedefs[name] + " " + name + ";\n")
		}
	}
}
