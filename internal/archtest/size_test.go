package archtest

import (
	"go/ast"
	"go/token"
	"testing"
)

// Generated files may be longer; tests may have functions as long as their tables are.
const maxFileLines, maxFuncLines = 700, 80

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if !s.test && !ast.IsGenerated(s.file) && s.lines > maxFileLines {
			t.Errorf("%s:%d: a file of %d lines, of at most %d", s.name, maxFileLines, s.lines, maxFileLines)
		}
	}
	tr, err := readTree()
	if err != nil {
		t.Fatal(err)
	}
	for name, lines := range tr.cLines {
		if lines > maxFileLines {
			t.Errorf("%s:%d: a file of %d lines, of at most %d", name, maxFileLines, lines, maxFileLines)
		}
	}
}

func TestFunctionsAreShort(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test || ast.IsGenerated(s.file) {
			continue
		}
		for _, f := range longFunctions(s.file, maxFuncLines) {
			t.Errorf("%s: %s has %d lines, of at most %d", at(f.pos), f.name, f.lines, maxFuncLines)
		}
	}
}

type function struct {
	name  string
	pos   token.Pos
	lines int
}

// longFunctions finds the functions, and function values at package level, of more than limit lines from the signature
// to the closing brace.
func longFunctions(file *ast.File, limit int) (long []function) {
	check := func(name string, n ast.Node) {
		if lines := fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1; lines > limit {
			long = append(long, function{name, n.Pos(), lines})
		}
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			check(f.Name.Name, &ast.FuncLit{Type: f.Type, Body: f.Body})
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncLit); ok {
				check("a function value", f)
				return false
			}
			return true
		})
	}
	return long
}

func TestLongFunctions(t *testing.T) {
	t.Parallel()
	file := parse(t, `package p

// A comment
// of two lines.
func three() {
	_ = 0
}

func four() {
	_ = 0
	_ = func() {
	}
}

var five = func() {




}
`)
	var names []string
	for _, f := range longFunctions(file, 3) {
		names = append(names, f.name)
	}
	if len(names) != 2 || names[0] != "four" || names[1] != "a function value" {
		t.Errorf("long functions: %q", names)
	}
}
