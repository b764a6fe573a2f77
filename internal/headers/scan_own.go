package headers

// A scan is what is known of a program's text: the words it uses, and which of them are its own.
type scan struct {
	words    map[string]bool   // all that it uses, except names of macros it defines and words in text that is left out
	tags     map[tag]bool      // "struct x" that it mentions
	ownTags  map[string]string // that it defines: keyword by tag
	ownWords map[string]bool   // typedefs, enumerators, functions, variables and tables that it defines
	members  map[string]bool   // of its own structs, its parameters and local variables
	macros   map[string]macroUse
	includes []string // as written, with < or "
}

type tag struct{ keyword, name string }

// A macroUse says what a program does with the name of a macro.
type macroUse struct {
	defines bool
	yields  bool // it undefines it first, or defines it only where nobody else did
	value   []token
	params  bool
}

func newScan() *scan {
	return &scan{words: map[string]bool{}, tags: map[tag]bool{}, ownTags: map[string]string{}, ownWords: map[string]bool{},
		members: map[string]bool{}, macros: map[string]macroUse{}}
}

// owns tells whether a macro's name is the program's to define.
func (s *scan) owns(macro string) bool {
	m := s.macros[macro]
	return m.defines && !m.yields
}

// use notes the words and tags of some tokens.
func (s *scan) use(tokens []token) {
	for i, t := range tokens {
		if !t.word() {
			continue
		}
		s.words[t.text] = true
		if i > 0 && isTagKeyword(tokens[i-1]) {
			s.tags[tag{tokens[i-1].text, t.text}] = true
		}
	}
}

func isTagKeyword(t token) bool {
	return t.word() && (t.text == "struct" || t.text == "union" || t.text == "enum")
}

// notNames are words that are followed by an expression, or are part of a type.
var notNames = wordSet(`return else case goto sizeof typeof __typeof__ do if while for switch break continue default struct
	union enum typedef static inline const volatile unsigned signed int char long short void float double _Bool extern
	register auto restrict __attribute__ asm __asm__`)

// A nest is where in a text the tokens are: what each brace that is still open began.
type nest struct {
	open  []brace
	code  int // how many of them have statements or values in them
	paren int
	start int // of the statement or declaration
}

// A brace is an open one: of a struct or union, 's'; of an enum, 'e'; or of statements or values, 'c'.
type brace struct {
	kind  byte
	start int // of the declaration that it is in
}

// in is what the innermost brace began; 0 at file scope.
func (n *nest) in() byte {
	if len(n.open) == 0 {
		return 0
	}
	return n.open[len(n.open)-1].kind
}

func (n *nest) push(kind byte, at int) {
	n.open = append(n.open, brace{kind, n.start})
	if n.start = at + 1; kind == 'c' {
		n.code++
	}
}

// pop leaves a brace. What follows the body of a struct belongs to the same declaration, as in "typedef struct {...} name".
func (n *nest) pop(at int) {
	if len(n.open) == 0 {
		return
	}
	last := n.open[len(n.open)-1]
	n.open = n.open[:len(n.open)-1]
	if n.start = last.start; last.kind == 'c' {
		n.start = at + 1
		n.code--
	}
	if len(n.open) == 0 { // so that one wrong bracket does not spoil all that follows
		n.paren = 0
	}
}

// own notes what a text defines.
func (s *scan) own(tokens []token) {
	var n nest
	for i, t := range tokens {
		switch {
		case t.kind == '{':
			n.push(s.opened(tokens[:i], &n), i)
		case t.kind == '}':
			n.pop(i)
		case t.kind == '(':
			if n.paren++; len(n.open) == 0 && n.paren == 1 && i == n.start+1 && tokens[n.start].word() {
				s.tableMacro(tokens[i+1:])
			}
		case t.kind == ')':
			n.paren = max(0, n.paren-1)
		case t.kind == ';' && n.paren == 0:
			if n.code == 0 {
				s.typedef(tokens[n.start:i])
			}
			n.start = i + 1
		case t.word():
			s.name(tokens, i, &n)
		}
	}
}

// opened tells what a brace begins, and notes the tag of a definition.
func (s *scan) opened(before []token, n *nest) byte {
	i := len(before) - 1
	i = skipAttributes(before, i)
	if i < 0 || !before[i].word() {
		return 'c'
	}
	if isTagKeyword(before[i]) {
		return kindOf(before[i])
	}
	name := before[i]
	if i = skipAttributes(before, i-1); i < 0 || !isTagKeyword(before[i]) {
		return 'c'
	}
	if n.code == 0 {
		s.ownTags[name.text] = before[i].text
	}
	return kindOf(before[i])
}

func kindOf(keyword token) byte {
	if keyword.text == "enum" {
		return 'e'
	}
	return 's'
}

// skipAttributes goes back from i over __attribute__((...)), __packed and __aligned(8).
func skipAttributes(tokens []token, i int) int {
	for i >= 0 {
		if tokens[i].is("__packed") {
			i--
			continue
		}
		if tokens[i].kind != ')' {
			return i
		}
		open := matching(tokens, i)
		if open < 1 || !tokens[open-1].is("__attribute__") && !tokens[open-1].is("__aligned") {
			return i
		}
		i = open - 2
	}
	return i
}

// matching is where the bracket is that the one at i closes; -1: nowhere near.
func matching(tokens []token, i int) int {
	const far = 1000 // of attributes
	end := max(0, i-far)
	for depth := 0; i >= end; i-- {
		switch tokens[i].kind {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
