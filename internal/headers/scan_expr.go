package headers

import (
	"strconv"
	"strings"
)

// An expression evaluates what follows #if, as far as names are known. It is a recursive descent over the tokens.
type expression struct {
	tokens []token
	lookup func(name string) (value, bool) // of a macro without parameters; false: it is not defined, or not known
	have   func(name string) verdict
	call   func(name string, args []token) value // of a macro with parameters; nil: none is known
	depth  int
}

// A value is a number, or not known.
type value struct {
	n     int64
	known bool
}

// maxExpression is how deep brackets and macros may be in one another.
const maxExpression = 100

// evaluate tells whether a condition holds.
func evaluate(tokens []token, lookup func(string) (value, bool), have func(string) verdict) verdict {
	e := expression{tokens: tokens, lookup: lookup, have: have}
	v := e.ternary()
	if len(e.tokens) > 0 || !v.known {
		return unknown
	}
	return truth(v.n != 0)
}

func (e *expression) accept(mark string) bool {
	if len(e.tokens) > 0 && e.tokens[0].is(mark) {
		e.tokens = e.tokens[1:]
		return true
	}
	return false
}

func (e *expression) ternary() value {
	if e.depth++; e.depth > maxExpression {
		e.tokens = nil
		return value{}
	}
	defer func() { e.depth-- }()
	c := e.binary(0)
	if !e.accept("?") {
		return c
	}
	a := e.ternary()
	if !e.accept(":") {
		return value{}
	}
	b := e.ternary()
	switch {
	case !c.known:
		return value{}
	case c.n != 0:
		return a
	}
	return b
}

// levels are C's binary operators, loosest first.
var levels = [][]string{{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}}

func (e *expression) binary(level int) value {
	if level == len(levels) {
		return e.unary()
	}
	a := e.binary(level + 1)
	for {
		op := ""
		for _, o := range levels[level] {
			if e.accept(o) {
				op = o
				break
			}
		}
		if op == "" {
			return a
		}
		a = apply(op, a, e.binary(level+1))
	}
}

func apply(op string, a, b value) value {
	truthOf := func(v value) verdict {
		if !v.known {
			return unknown
		}
		return truth(v.n != 0)
	}
	switch op {
	case "&&":
		return fromVerdict(and(truthOf(a), truthOf(b)))
	case "||":
		return fromVerdict(or(truthOf(a), truthOf(b)))
	}
	if !a.known || !b.known {
		return value{}
	}
	return arithmetic(op, a.n, b.n)
}

func fromVerdict(v verdict) value {
	n := int64(0)
	if v == yes {
		n = 1
	}
	return value{n, v != unknown}
}

func arithmetic(op string, a, b int64) value {
	switch op {
	case "|":
		return value{a | b, true}
	case "^":
		return value{a ^ b, true}
	case "&":
		return value{a & b, true}
	case "<<", ">>":
		if b < 0 || b > 63 {
			return value{}
		}
		if op == "<<" {
			return value{a << b, true}
		}
		return value{a >> b, true}
	case "+":
		return value{a + b, true}
	case "-":
		return value{a - b, true}
	case "*":
		return value{a * b, true}
	case "/", "%":
		if b == 0 {
			return value{}
		}
		if op == "/" {
			return value{a / b, true}
		}
		return value{a % b, true}
	}
	return fromVerdict(truth(compare(op, a, b)))
}

func compare(op string, a, b int64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<=":
		return a <= b
	case ">=":
		return a >= b
	case "<":
		return a < b
	}
	return a > b
}

func (e *expression) unary() value {
	if e.depth++; e.depth > maxExpression {
		e.tokens = nil
		return value{}
	}
	defer func() { e.depth-- }()
	switch {
	case e.accept("!"):
		v := e.unary()
		return value{fromVerdict(truth(v.n == 0)).n, v.known}
	case e.accept("-"):
		v := e.unary()
		return value{-v.n, v.known}
	case e.accept("+"):
		return e.unary()
	case e.accept("~"):
		v := e.unary()
		return value{^v.n, v.known}
	case e.accept("("):
		v := e.ternary()
		if !e.accept(")") {
			return value{}
		}
		return v
	}
	return e.primary()
}

func (e *expression) primary() value {
	if len(e.tokens) == 0 {
		return value{}
	}
	t := e.tokens[0]
	e.tokens = e.tokens[1:]
	switch {
	case t.kind == 'n':
		n, err := strconv.ParseUint(strings.TrimRight(t.text, "uUlL"), 0, 64)
		return value{int64(n), err == nil}
	case t.is("defined"):
		return e.defined()
	case t.is("KERNEL_VERSION"):
		return e.version()
	case !t.word():
		return value{}
	}
	if len(e.tokens) > 0 && e.tokens[0].kind == '(' { // a macro with parameters
		return e.function(t.text)
	}
	v, _ := e.lookup(t.text)
	return v
}

func (e *expression) defined() value {
	bracket := e.accept("(")
	if len(e.tokens) == 0 {
		return value{}
	}
	name := e.tokens[0].text
	e.tokens = e.tokens[1:]
	if bracket {
		e.accept(")")
	}
	return fromVerdict(e.have(name))
}

// version computes KERNEL_VERSION(a, b, c).
func (e *expression) version() value {
	if !e.accept("(") {
		return value{}
	}
	var parts [3]value
	for i := range parts {
		parts[i] = e.ternary()
		if !e.accept(map[bool]string{true: ")", false: ","}[i == 2]) || !parts[i].known {
			return value{}
		}
	}
	return value{int64(version{int(parts[0].n), int(parts[1].n), int(parts[2].n)}.code()), true}
}

// function evaluates a call of a macro with parameters, which is next.
func (e *expression) function(name string) value {
	depth, end := 0, 0
	for end < len(e.tokens) {
		switch e.tokens[end].kind {
		case '(':
			depth++
		case ')':
			depth--
		}
		if end++; depth == 0 {
			break
		}
	}
	args := e.tokens[1:max(1, end-1)]
	if e.tokens = e.tokens[end:]; e.call == nil {
		return value{}
	}
	return e.call(name, args)
}
