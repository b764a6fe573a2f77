package headers

import (
	"embed"
	"fmt"
	"path"
	"strings"
	"sync"
)

// macroFiles are the kernel's macros, by topic, in a C that is read here and not by a compiler: #define, and conditions in
// which has(struct x) and has(struct x, member) ask BTF. A macro may be defined in several branches.
//
//go:embed macros/*.h
var macroFiles embed.FS

// A macro is one definition of a name.
type macro struct {
	name, text string    // text is all after #define
	words      []token   // of text, without the name
	conditions [][]token // all must hold
	alias      bool      // it stands for a member of a struct
	params     bool
}

// macroTable is the table by name. Its files are part of the program, so that a fault in them is one in the program.
var macroTable = sync.OnceValue(func() map[string][]macro {
	table := map[string][]macro{}
	files, err := macroFiles.ReadDir("macros")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		text, err := macroFiles.ReadFile(path.Join("macros", f.Name()))
		if err != nil {
			panic(err)
		}
		if err := parseMacros(table, string(text), f.Name() == "alias.h"); err != nil {
			panic(fmt.Sprintf("headers: macros/%s: %v", f.Name(), err))
		}
	}
	return table
})

// A branch is an open #if of a macro file: conditions that must hold now.
type branch struct {
	now  []token
	past [][]token // of the branches before
}

func parseMacros(table map[string][]macro, text string, alias bool) error {
	var open []branch
	for _, l := range strings.Split(text, "\n") {
		if !strings.HasPrefix(l, "#") {
			continue
		}
		d := lexLines(l)[0]
		last := len(open) - 1
		switch {
		case d.directive == "define":
			m := newMacro(strings.TrimPrefix(l, "#define "))
			m.alias, m.conditions = alias, holding(open)
			table[m.name] = append(table[m.name], m)
		case d.directive == "if":
			open = append(open, branch{now: d.tokens})
		case last < 0:
			return fmt.Errorf("no #if before: %s", l)
		case d.directive == "elif", d.directive == "else":
			open[last].past = append(open[last].past, negated(open[last].now))
			open[last].now = d.tokens
		case d.directive == "endif":
			open = open[:last]
		default:
			return fmt.Errorf("unexpected: %s", l)
		}
	}
	return nil
}

// holding are all conditions of the open branches.
func holding(open []branch) (all [][]token) {
	for _, b := range open {
		all = append(all, b.past...)
		if len(b.now) > 0 {
			all = append(all, b.now)
		}
	}
	return all
}

func negated(tokens []token) []token {
	all := append([]token{{"!", '!'}, {"(", '('}}, tokens...)
	return append(all, token{")", ')'})
}

// newMacro takes what follows #define.
func newMacro(text string) macro {
	n := 0
	for n < len(text) && isWordByte(text[n]) {
		n++
	}
	m := macro{name: text[:n], text: text, params: strings.HasPrefix(text[n:], "(")}
	for _, l := range lexLines(" " + text[n:]) { // the space keeps a # at the front from being a directive
		m.words = append(m.words, l.tokens...)
	}
	return m
}
