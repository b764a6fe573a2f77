package headers

import (
	"maps"
	"slices"
	"strings"
)

// A picker picks the macros that a program needs: those that it names and those that they name.
type picker struct {
	table  map[string][]macro
	uapi   func(name string) (macro, bool)
	taken  func(name string) bool // by the program or libbcc: not to be defined
	mine   func(name string) bool // by a member or variable of the program
	holds  func(condition []token) bool
	picked map[string]macro
}

// candidates are all macros that words could lead to, whatever conditions turn out to be: to know what to look for in BTF.
func (p *picker) candidates(words map[string]bool) []macro {
	var all []macro
	seen := map[string]bool{}
	work := slices.Collect(maps.Keys(words))
	for len(work) > 0 {
		w := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[w] {
			continue
		}
		seen[w] = true
		for _, m := range p.definitions(w) {
			all = append(all, m)
			for _, t := range m.words {
				if t.word() {
					work = append(work, t.text)
				}
			}
		}
	}
	return all
}

func (p *picker) definitions(name string) []macro {
	if m, ok := p.table[name]; ok {
		return m
	}
	if m, ok := p.uapi(name); ok {
		return []macro{m}
	}
	return nil
}

// pick picks, and adds what the macros name to scan.
func (p *picker) pick(s *scan) {
	work := slices.Sorted(maps.Keys(s.words))
	for len(work) > 0 {
		w := work[len(work)-1]
		work = work[:len(work)-1]
		if _, done := p.picked[w]; done || p.taken(w) {
			continue
		}
		m, ok := p.definition(w)
		if !ok || !m.params && p.mine(w) {
			continue
		}
		p.picked[w] = m
		s.use(m.words)
		for _, t := range m.words {
			if t.word() {
				work = append(work, t.text)
			}
		}
	}
}

// definition is the macro's first definition whose conditions hold.
func (p *picker) definition(name string) (macro, bool) {
	for _, m := range p.definitions(name) {
		if !slices.ContainsFunc(m.conditions, func(c []token) bool { return !p.holds(c) }) {
			return m, true
		}
	}
	return macro{}, false
}

// write writes the picked macros.
func (p *picker) write(b *strings.Builder) {
	for _, name := range slices.Sorted(maps.Keys(p.picked)) {
		b.WriteString("#ifndef " + name + "\n#define " + p.picked[name].text + "\n#endif\n")
	}
}
