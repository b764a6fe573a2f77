package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A listed package is what the go command says about one, or about its variant with tests: "p [p.test]" has p's own
// files and its test files, "p_test [p.test]" its external tests.
type listed struct {
	ImportPath, Name, Dir string
	Export                string // the compiled package, for those who import it
	ForTest               string
	GoFiles, CgoFiles     []string
	ImportMap             map[string]string
	Module                *struct{ Main bool }
}

// path is the import path without the name of the variant.
func (l *listed) path() string {
	path, _, _ := strings.Cut(l.ImportPath, " ")
	return path
}

// tests tells whether the package has test files: not the test's generated main, nor a dependency compiled again for it.
func (l *listed) tests() bool {
	return l.ForTest != "" && (l.path() == l.ForTest || l.path() == l.ForTest+"_test")
}

// list asks the go command for the module's packages, their tests and all that they import, compiled. It compiles what
// is not in the build cache, as the race detector's test run or the plain one left it there.
var list = sync.OnceValues(func() (map[string]*listed, error) {
	top, err := root()
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-e", "-export", "-test", "-deps",
		"-json=ImportPath,Name,Dir,Export,ForTest,GoFiles,CgoFiles,ImportMap,Module"}
	if raceEnabled {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "./...")...)
	cmd.Dir = top
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	packages := map[string]*listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		err := dec.Decode(&l)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages[l.ImportPath] = &l
	}
})

// own are the listed packages of this module that keep wants, in the order of their names.
func own(t *testing.T, keep func(*listed) bool) []*listed {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command, to know types")
	}
	packages, err := list()
	if err != nil {
		t.Fatal(err)
	}
	var found []*listed
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		if l := packages[name]; l.Module != nil && l.Module.Main && !strings.HasSuffix(l.path(), ".test") && keep(l) {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		t.Fatal("go list: nothing")
	}
	return found
}

// A checked package has its syntax and types. Errors leave holes in them.
type checked struct {
	files []*ast.File
	pkg   *types.Package
	uses  map[*ast.Ident]types.Object
	errs  []error
}

// check parses a package and finds its types, with its imports as they were compiled.
func check(l *listed) *checked {
	c := &checked{uses: map[*ast.Ident]types.Object{}}
	for _, name := range slices.Concat(l.GoFiles, l.CgoFiles) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(l.Dir, name)
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			c.errs = append(c.errs, err)
		}
		if file != nil {
			c.files = append(c.files, file)
		}
	}
	conf := types.Config{
		Importer:    importer.ForCompiler(fset, "gc", l.open),
		FakeImportC: true,
		Sizes:       types.SizesFor("gc", runtime.GOARCH),
		Error:       func(err error) { c.errs = append(c.errs, err) },
	}
	c.pkg, _ = conf.Check(l.path(), fset, c.files, &types.Info{Uses: c.uses}) // conf.Error has the errors
	return c
}

// open opens what was compiled of an import of l.
func (l *listed) open(path string) (io.ReadCloser, error) {
	packages, err := list()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{l.ImportMap[path], path} { // a variant that does not compile leaves the plain package
		if p := packages[name]; p != nil && p.Export != "" {
			return os.Open(p.Export)
		}
	}
	return nil, fmt.Errorf("%s does not compile", path)
}

// object names what a package declares at its top, a method or a field: "github.com/gobcc/bcc/module.Program.Close".
// Fields know no owner, so fields has those of the packages met so far.
func (f fields) object(obj types.Object) string {
	if obj == nil || obj.Pkg() == nil {
		return ""
	}
	path := obj.Pkg().Path() + "."
	switch o := obj.(type) {
	case *types.Func:
		recv := o.Origin().Signature().Recv()
		if recv == nil {
			break
		}
		named := namedOf(recv.Type())
		if named == nil {
			return ""
		}
		return path + named.Obj().Name() + "." + o.Name()
	case *types.Var:
		if o.IsField() {
			owner := f.of(o.Pkg())[o.Origin()]
			if owner == "" {
				return ""
			}
			return path + owner + "." + o.Name()
		}
	}
	if obj.Parent() != obj.Pkg().Scope() {
		return ""
	}
	return path + obj.Name()
}

// isMember tells whether an object is a method or a field.
func isMember(obj types.Object) bool {
	switch o := obj.(type) {
	case *types.Func:
		return o.Signature().Recv() != nil
	case *types.Var:
		return o.IsField()
	}
	return false
}

// fields has the owner of each field of a package's struct types.
type fields map[*types.Package]map[*types.Var]string

func (f fields) of(pkg *types.Package) map[*types.Var]string {
	if owners, ok := f[pkg]; ok {
		return owners
	}
	owners := map[*types.Var]string{}
	f[pkg] = owners
	for _, name := range pkg.Scope().Names() {
		tn, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() {
			continue
		}
		if s, ok := tn.Type().Underlying().(*types.Struct); ok {
			for i := range s.NumFields() {
				owners[s.Field(i)] = name
			}
		}
	}
	return owners
}

// namedOf is the defined type behind a receiver.
func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}

// report fails a test that needs a package which does not compile.
func (c *checked) report(t *testing.T, l *listed) {
	t.Helper()
	if len(c.errs) == 0 {
		return
	}
	where := l.ImportPath
	var typeErr types.Error
	if errors.As(c.errs[0], &typeErr) {
		where = at(typeErr.Pos)
	}
	t.Errorf("%s: %s does not compile, so not all of it was looked at: %v", where, l.ImportPath, c.errs[0])
}

// inTest tells whether a position is in a test file.
func inTest(pos token.Pos) bool { return strings.HasSuffix(fset.Position(pos).Filename, "_test.go") }
