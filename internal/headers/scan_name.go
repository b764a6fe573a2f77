package headers

import "strings"

// name notes a word that declares something: what comes before it ends a type, and what comes after it ends a declarator.
func (s *scan) name(tokens []token, i int, n *nest) {
	t := tokens[i]
	if notNames[t.text] || i+1 >= len(tokens) {
		return
	}
	next := tokens[i+1].kind
	if n.in() == 'e' {
		if prev := tokens[i-1].kind; prev == '{' || prev == ',' {
			s.ownWords[t.text] = true
		}
		return
	}
	if i == 0 || !endsType(tokens, i-1, n.code > 0) {
		return
	}
	switch {
	case len(n.open) == 0 && n.paren == 0 && strings.IndexByte("(=;[,", next) >= 0:
		s.ownWords[t.text] = true
	case strings.IndexByte(";=,[):", next) >= 0:
		s.members[t.text] = true
	}
}

// endsType tells whether the token at i can end a type, so that a name comes next: a word, or the stars after one. In code a
// word and a star may also be a product; a declaration is at the start of a statement, or says struct.
func endsType(tokens []token, i int, inCode bool) bool {
	stars := false
	for ; i >= 0 && (tokens[i].kind == '*' || tokens[i].is("const")); i-- {
		stars = true
	}
	if i < 0 || !tokens[i].word() {
		return i >= 0 && !stars && tokens[i].kind == '}'
	}
	if t := tokens[i].text; notNames[t] && !typeWords[t] {
		return false
	}
	if !stars || i == 0 || typeWords[tokens[i].text] {
		return true
	}
	before := "{};,("
	if inCode {
		before = "{};"
	}
	prev := tokens[i-1]
	return isTagKeyword(prev) || typeWords[prev.text] || strings.IndexByte(before, prev.kind) >= 0 ||
		prev.is("static") || prev.is("inline") || prev.is("extern")
}

// typeWords are C's own words for types.
var typeWords = wordSet("const volatile unsigned signed int char long short void float double _Bool")

// typedef notes the names that a typedef makes, if that is what the tokens of a declaration are.
func (s *scan) typedef(tokens []token) {
	if len(tokens) == 0 || !tokens[0].is("typedef") {
		return
	}
	if i := functionName(tokens); i >= 0 {
		s.ownWords[tokens[i].text] = true
		return
	}
	depth := 0
	for i, t := range tokens {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		ends := i+1 == len(tokens) || strings.IndexByte(",[", tokens[i+1].kind) >= 0 || tokens[i+1].is("__attribute__")
		if t.word() && depth == 0 && ends && i > 0 && !notNames[t.text] {
			s.ownWords[t.text] = true
		}
	}
}

// functionName finds the name in (*name), outside braces; -1 where there is none.
func functionName(tokens []token) int {
	depth := 0
	for i := 2; i < len(tokens); i++ {
		switch tokens[i].kind {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 && tokens[i].word() && tokens[i-1].kind == '*' && tokens[i-2].kind == '(' {
			return i
		}
	}
	return -1
}

// tableMacro notes the name of a table in a call of one of BCC's macros, BPF_HASH(name, ...) or BPF_TABLE("hash", key, leaf,
// name, size). The name of an event, in TRACEPOINT_PROBE(category, event), does no harm.
func (s *scan) tableMacro(args []token) {
	at, depth := 0, 1
	name := 0
	if len(args) > 0 && args[0].kind == '"' {
		name = 3
	}
	for i, t := range args {
		switch t.kind {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 1 {
				at++
			}
		}
		if depth == 0 || at > name {
			return
		}
		alone := i+1 < len(args) && (args[i+1].kind == ',' || args[i+1].kind == ')')
		if at == name && t.word() && depth == 1 && alone && (i == 0 || args[i-1].kind == ',') {
			s.ownWords[t.text] = true
			return
		}
	}
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}
