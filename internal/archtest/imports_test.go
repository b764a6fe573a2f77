package archtest

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows are the imports that each kind of package may have inside the module. A name ending in /* stands for all
// packages below; "." is the root package.
var arrows = map[string][]string{
	"examples/*": {".", "module", "table", "perf", "usdt", "sym"},
	".":          {"module", "table", "perf", "usdt", "sym", "internal/*"},
	"module":     {"table", "internal/*"},
	"perf":       {"table", "internal/*"},
	"usdt":       {"internal/*"},
	"sym":        {"internal/*"},
	"table":      {"internal/*"},
	"internal/*": {"internal/*"},
	"cmd/*":      {".", "module", "table", "perf", "usdt", "sym", "internal/*", "cmd/*"},
}

// testSupport are packages that only tests import, and that may themselves import what tests may.
var testSupport = []string{"internal/testutil", "examples/internal/*"}

func matches(pattern, dir string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "/*"); ok {
		return strings.HasPrefix(dir, prefix+"/")
	}
	return pattern == dir
}

func matchesAny(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, dir) })
}

// An arrow is one import inside the module, of folder to by a file in folder from.
type arrow struct {
	from, to string
	test     bool // from a test file
	external bool // from a test file whose package is not the folder's: x_test
}

// wrong says why an arrow must not be; "" for one that may.
func (a arrow) wrong() string {
	var may []string
	for kind, targets := range arrows {
		if matches(kind, a.from) {
			may = targets
		}
	}
	support := matchesAny(testSupport, a.from)
	switch {
	case may == nil:
		return "no rule says what " + a.from + " may import: add it to arrows in imports_test.go, or move it"
	case matchesAny(testSupport, a.to):
		if a.test || support {
			return ""
		}
		return a.to + " is for tests only"
	case matchesAny(may, a.to), a.external && a.to == a.from:
		return ""
	case a.to == "." && (a.external || support):
		return ""
	case a.to == "." && a.test:
		return "a test that needs the root package must be of package …_test"
	}
	return a.from + " may import only " + strings.Join(may, ", ")
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, imp := range s.file.Imports {
			target, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			to, ok := inModule(target)
			if !ok {
				continue
			}
			a := arrow{from: s.dir, to: to, test: s.test, external: s.test && strings.HasSuffix(s.file.Name.Name, "_test")}
			if why := a.wrong(); why != "" {
				t.Errorf("%s: imports %s: %s", at(imp.Pos()), target, why)
			}
		}
	}
}

// inModule turns an import path into the folder of the module that it names. Nested modules are not in the module, but
// nothing here may import them: that would make go.mod need them.
func inModule(importPath string) (dir string, ok bool) {
	if importPath == modulePath {
		return ".", true
	}
	return strings.CutPrefix(importPath, modulePath+"/")
}

func TestCgoOnlyInLibbcc(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, imp := range s.file.Imports {
			if imp.Path.Value == `"C"` && s.dir != "internal/libbcc" {
				t.Errorf("%s: imports C: only internal/libbcc may", at(imp.Pos()))
			}
		}
		for _, group := range s.file.Comments {
			for _, c := range group.List {
				if strings.HasPrefix(c.Text, "//export ") {
					t.Errorf("%s: %s: C never calls Go here", at(c.Pos()), c.Text)
				}
			}
		}
	}
}

func TestArrows(t *testing.T) {
	t.Parallel()
	const test, external = 1, 2
	for _, c := range []struct {
		from, to string
		kind     int
		may      bool
	}{
		{".", "module", 0, true},
		{".", "internal/libbcc", 0, true},
		{".", "internal/testutil", 0, false},
		{".", "internal/testutil", test, true},
		{"module", "table", 0, true},
		{"module", ".", 0, false},
		{"module", ".", test, false},
		{"module", ".", external, true},
		{"module", "module", external, true},
		{"module", "perf", external, false},
		{"table", "module", 0, false},
		{"usdt", "table", 0, false},
		{"internal/near", "internal/caps", 0, true},
		{"internal/near", "sym", 0, false},
		{"internal/testutil", "internal/near", 0, true},
		{"examples/one", ".", 0, true},
		{"examples/one", "internal/near", 0, false},
		{"examples/one", "examples/internal/exampletest", 0, false},
		{"examples/one", "examples/internal/exampletest", test, true},
		{"examples/one", "examples/two", test, false},
		{"examples/internal/exampletest", "internal/testutil", 0, true},
		{"cmd/one", "internal/libbcc", 0, true},
		{"cmd/one", "examples/one", 0, false},
		{"elsewhere", "table", 0, false},
	} {
		a := arrow{from: c.from, to: c.to, test: c.kind >= test, external: c.kind == external}
		if why := a.wrong(); (why == "") != c.may {
			t.Errorf("%+v: may = %t (%s), want %t", a, why == "", why, c.may)
		}
	}
}
