package archtest

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// folders groups the sources by their folder.
func folders(t *testing.T) map[string][]*source {
	t.Helper()
	byDir := map[string][]*source{}
	for _, s := range sources(t) {
		byDir[s.dir] = append(byDir[s.dir], s)
	}
	return byDir
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	for dir, files := range folders(t) {
		comments := 0
		for _, s := range files {
			doc := s.file.Doc.Text()
			if doc == "" || s.test && hasCode(files) {
				continue
			}
			comments++
			if s.public() && !strings.HasPrefix(doc, "Package "+s.file.Name.Name+" ") {
				t.Errorf("%s: the package comment must start with \"Package %s \"", at(s.file.Doc.Pos()), s.file.Name.Name)
			}
		}
		switch comments {
		case 1:
		case 0:
			t.Errorf("%s:1: package %s has no package comment", files[0].name, importPath(dir))
		default:
			t.Errorf("%s:1: package %s has %d package comments; one file should have it", files[0].name, importPath(dir), comments)
		}
	}
}

func hasCode(files []*source) bool {
	return slices.ContainsFunc(files, func(s *source) bool { return !s.test })
}

// TestLeakCheckEverywhere holds every package that has tests to a TestMain which calls testutil.Main.
func TestLeakCheckEverywhere(t *testing.T) {
	t.Parallel()
	byDir := folders(t)
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		if dir == "internal/archtest" {
			continue // starts nothing and opens nothing
		}
		first, found := "", false
		for _, s := range byDir[dir] {
			if s.test && first == "" {
				first = s.name
			}
			found = found || s.test && callsMain(s.file, dir == "internal/testutil")
		}
		if first != "" && !found {
			t.Errorf("%s:1: %s has tests, and no TestMain that calls testutil.Main(m): nobody looks for what they leak",
				first, importPath(dir))
		}
	}
}

// callsMain finds testutil.Main called in the function TestMain; just Main where the test is testutil's own.
func callsMain(file *ast.File, own bool) (found bool) {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Name.Name != "TestMain" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch fun := call.Fun.(type) {
			case *ast.SelectorExpr:
				x, ok := fun.X.(*ast.Ident)
				found = found || ok && x.Name == "testutil" && (fun.Sel.Name == "Main" || fun.Sel.Name == "KernelMain")
			case *ast.Ident:
				found = found || own && fun.Name == "Main"
			}
			return true
		})
	}
	return found
}

func TestCallsMain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`package p; func TestMain(m *testing.M) { testutil.Main(m) }`:                        true,
		`package p; func TestMain(m *testing.M) { if child() { return }; testutil.Main(m) }`: true,
		`package p; func TestMain(m *testing.M) { testutil.KernelMain(m) }`:                  true,
		`package p; func TestMain(m *testing.M) { os.Exit(m.Run()) }`:                        false,
		`package p; func TestMain(m *testing.M) { Main(m) }`:                                 false,
		`package p; func TestOther(m *testing.M) { testutil.Main(m) }`:                       false,
	} {
		if got := callsMain(parse(t, text), false); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}
