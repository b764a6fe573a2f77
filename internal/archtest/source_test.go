package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// modulePath is what import paths of this module start with.
const modulePath = "github.com/gobcc/bcc"

// fset has the positions of everything that is parsed here. Tests say where by at.
var fset = token.NewFileSet()

// A source is one Go file of the module. All of them are looked at, whatever their build constraints.
type source struct {
	name  string // slash separated, from the module's root
	dir   string // "." for the root
	test  bool
	lines int
	file  *ast.File
}

// pkg is the import path of the source's folder.
func (s *source) pkg() string { return importPath(s.dir) }

// public tells whether users can import the source's package.
func (s *source) public() bool {
	return s.file.Name.Name != "main" && !slices.Contains(strings.Split(s.dir, "/"), "internal")
}

func importPath(dir string) string {
	if dir == "." {
		return modulePath
	}
	return modulePath + "/" + dir
}

// root is the module's folder.
var root = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
})

// readTree finds and parses the Go files of the module, and counts the lines of its C files. It leaves out what the go
// command leaves out: nested modules, testdata, and names that start with a dot or an underscore.
var readTree = sync.OnceValues(func() (tree, error) {
	t := tree{cLines: map[string]int{}}
	top, err := root()
	if err != nil {
		return t, err
	}
	err = filepath.WalkDir(top, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, full)
		if err != nil {
			return err
		}
		return t.visit(full, filepath.ToSlash(rel), d)
	})
	return t, err
})

type tree struct {
	sources []*source
	cLines  map[string]int
}

func (t *tree) visit(full, name string, d fs.DirEntry) error {
	switch base := d.Name(); {
	case name == ".":
		return nil
	case d.IsDir():
		_, err := os.Stat(filepath.Join(full, "go.mod"))
		if err == nil || base[0] == '.' || base[0] == '_' || base == "testdata" || base == "vendor" {
			return fs.SkipDir
		}
		return nil
	case base[0] == '.' || base[0] == '_':
		return nil
	}
	switch path.Ext(name) {
	case ".go", ".c", ".h":
	default:
		return nil
	}
	text, err := os.ReadFile(full)
	if err != nil {
		return err
	}
	lines := strings.Count(string(text), "\n")
	if path.Ext(name) != ".go" {
		t.cLines[name] = lines
		return nil
	}
	file, err := parser.ParseFile(fset, full, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.sources = append(t.sources, &source{
		name: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), lines: lines, file: file,
	})
	return nil
}

// sources are the Go files of the module.
func sources(t *testing.T) []*source {
	t.Helper()
	tr, err := readTree()
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.sources) == 0 {
		t.Fatal("no Go files")
	}
	return tr.sources
}

// at is file:line, from the module's root.
func at(pos token.Pos) string {
	p := fset.Position(pos)
	name := p.Filename
	if top, err := root(); err == nil {
		if rel, err := filepath.Rel(top, name); err == nil {
			name = filepath.ToSlash(rel)
		}
	}
	return fmt.Sprintf("%s:%d", name, p.Line)
}

// parse parses text for the tests of the checks themselves.
func parse(t *testing.T, text string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(fset, "text.go", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
