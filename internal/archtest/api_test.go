package archtest

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"testing"
)

func TestExportedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test || !s.public() {
			continue
		}
		for _, n := range exported(s.file) {
			if n.doc == "" && !n.told {
				t.Errorf("%s: %s.%s has no doc comment", at(n.pos), s.file.Name.Name, n)
			}
		}
	}
}

// A name is an exported identifier: what a package declares at its top, "Type.Method" or "Type.Field".
type name struct {
	owner, ident string
	pos          token.Pos
	doc          string   // its own, or its group's
	ids          []string // the identifiers that the doc is about: all constants of a group where the group has it
	told         bool     // the comment of its type, or of a neighbour, names it
}

func (n name) String() string {
	if n.owner != "" {
		return n.owner + "." + n.ident
	}
	return n.ident
}

// exported finds the exported names of a file: also methods and fields of exported types, and methods of interfaces.
func exported(file *ast.File) (names []name) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			n := name{ident: d.Name.Name, pos: d.Name.Pos(), doc: d.Doc.Text()}
			if d.Recv != nil {
				n.owner = receiver(d.Recv.List[0].Type)
			}
			if ast.IsExported(n.ident) && (n.owner == "" || ast.IsExported(n.owner)) {
				names = append(names, n)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, typeNames(d, spec)...)
				case *ast.ValueSpec:
					names = append(names, valueNames(d, spec)...)
				}
			}
		}
	}
	for i := range names {
		if names[i].ids == nil {
			names[i].ids = []string{names[i].String()}
		}
	}
	return names
}

// receiver is the type's name in (t *T[K, V]).
func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.ParenExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.IndexListExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

func typeNames(d *ast.GenDecl, spec *ast.TypeSpec) []name {
	if !spec.Name.IsExported() {
		return nil
	}
	doc := spec.Doc.Text() + spec.Comment.Text()
	if doc == "" && (len(d.Specs) == 1 || spec.Assign.IsValid()) { // what an alias names is documented there
		doc = d.Doc.Text()
	}
	names := []name{{ident: spec.Name.Name, pos: spec.Name.Pos(), doc: doc}}
	var members *ast.FieldList
	switch x := spec.Type.(type) {
	case *ast.StructType:
		members = x.Fields
	case *ast.InterfaceType:
		members = x.Methods
	}
	if members == nil {
		return names
	}
	all := doc
	for _, f := range members.List {
		all += f.Doc.Text() + f.Comment.Text()
	}
	for _, f := range members.List {
		for _, id := range f.Names { // none where it is embedded
			if !id.IsExported() {
				continue
			}
			n := name{owner: spec.Name.Name, ident: id.Name, pos: id.Pos(), doc: f.Doc.Text() + f.Comment.Text()}
			if n.doc == "" && regexp.MustCompile(`\b`+id.Name+`\b`).MatchString(all) {
				n.told = true
			}
			names = append(names, n)
		}
	}
	return names
}

// valueNames are constants and variables. One comment may be about a whole group.
func valueNames(d *ast.GenDecl, spec *ast.ValueSpec) (names []name) {
	own := spec.Doc.Text() + spec.Comment.Text()
	var group []string
	for _, s := range d.Specs {
		for _, id := range s.(*ast.ValueSpec).Names {
			group = append(group, id.Name)
		}
	}
	for _, id := range spec.Names {
		if !id.IsExported() {
			continue
		}
		n := name{ident: id.Name, pos: id.Pos(), doc: own}
		if own == "" {
			n.doc, n.ids = d.Doc.Text(), group
		}
		names = append(names, n)
	}
	return names
}

func TestExported(t *testing.T) {
	t.Parallel()
	file := parse(t, `package p

// F is.
func F() {}
func G() {}
func h() {}

// T is.
type T[K any] struct {
	// A is.
	A    int
	B    int // B is.
	C, d int
	E    int // E is. And F is more.
	F    int
	other
}

func (t *T[K]) M() {}
func (o other) Hidden() {}

// I is.
type I interface {
	// One is.
	One()
	Two()
}

// All of them.
const (
	X = 1
	Y = 2 // Y is.
)

// From elsewhere.
type (
	Alias = T
	New   int
)

var V int
`)
	got := map[string]bool{}
	for _, n := range exported(file) {
		got[n.String()] = n.doc != "" || n.told
	}
	want := map[string]bool{
		"F": true, "G": false, "T": true, "T.A": true, "T.B": true, "T.C": false, "T.E": true, "T.F": true, "T.M": false,
		"I": true, "I.One": true, "I.Two": false, "X": true, "Y": true, "V": false, "Alias": true, "New": false,
	}
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			t.Errorf("%s: found %t, documented %t, want %t", k, ok, g, v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
}

// TestNoRawPointers keeps C's types, unsafe.Pointer and uintptr out of what users see.
func TestNoRawPointers(t *testing.T) {
	t.Parallel()
	public := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test && s.public() {
			public[s.pkg()] = true
		}
	}
	for _, l := range own(t, func(l *listed) bool { return l.ForTest == "" && public[l.path()] }) {
		c := check(l)
		c.report(t, l)
		for _, name := range c.pkg.Scope().Names() {
			if obj := c.pkg.Scope().Lookup(name); obj.Exported() {
				for _, p := range rawPointers(obj) {
					t.Errorf("%s: %s.%s shows %s", at(p.pos), l.path(), p.where, p.what)
				}
			}
		}
	}
}

type raw struct {
	where, what string
	pos         token.Pos
}

// rawPointers looks through the type of an exported object, and the methods and exported fields if it is a type.
func rawPointers(obj types.Object) (found []raw) {
	look := func(where string, pos token.Pos, t types.Type) {
		if what := rawIn(t, map[types.Type]bool{}); what != "" {
			found = append(found, raw{where, what, pos})
		}
	}
	named, isType := types.Unalias(obj.Type()).(*types.Named)
	if _, ok := obj.(*types.TypeName); !ok || !isType || named.Obj() != obj {
		look(obj.Name(), obj.Pos(), obj.Type())
		return found
	}
	for m := range named.Methods() {
		if m.Exported() {
			look(obj.Name()+"."+m.Name(), m.Pos(), m.Signature())
		}
	}
	s, ok := named.Underlying().(*types.Struct)
	if !ok {
		look(obj.Name(), obj.Pos(), named.Underlying())
		return found
	}
	for f := range s.Fields() {
		if f.Exported() {
			look(obj.Name()+"."+f.Name(), f.Pos(), f.Type())
		}
	}
	return found
}

// rawIn names the first raw pointer in a type; "" when there is none. Other public packages' types are looked at where
// they are declared; those of the internal ones are looked into, as users see their fields.
func rawIn(t types.Type, seen map[types.Type]bool) string {
	if t == nil || seen[t] {
		return ""
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer || t.Kind() == types.Uintptr {
			return t.String()
		}
		return ""
	case *types.Named:
		return rawInNamed(t, seen)
	case *types.Struct:
		for f := range t.Fields() {
			if what := rawIn(f.Type(), seen); f.Exported() && what != "" {
				return what
			}
		}
		return ""
	case *types.Interface:
		for m := range t.Methods() {
			if what := rawIn(m.Signature(), seen); m.Exported() && what != "" {
				return what
			}
		}
		return ""
	}
	for _, part := range parts(t) {
		if what := rawIn(part, seen); what != "" {
			return what
		}
	}
	return ""
}

func rawInNamed(t *types.Named, seen map[types.Type]bool) string {
	for arg := range t.TypeArgs().Types() {
		if what := rawIn(arg, seen); what != "" {
			return what
		}
	}
	pkg := t.Obj().Pkg()
	switch {
	case strings.HasPrefix(t.Obj().Name(), "_Ctype_"):
		return fmt.Sprint("a C type, ", t)
	case pkg != nil && strings.HasPrefix(pkg.Path(), modulePath+"/internal/"):
		return rawIn(t.Underlying(), seen)
	}
	return ""
}

// parts are the types that an unnamed type is made of.
func parts(t types.Type) (all []types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		return []types.Type{types.Unalias(t)}
	case *types.Map:
		return []types.Type{t.Key(), t.Elem()}
	case *types.Signature:
		return []types.Type{t.Params(), t.Results()}
	case *types.Tuple:
		for v := range t.Variables() {
			all = append(all, v.Type())
		}
		return all
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		return []types.Type{t.Elem()}
	}
	return nil
}

func TestRawPointers(t *testing.T) {
	t.Parallel()
	file := parse(t, `package p

import "unsafe"

type Fine struct{ hidden unsafe.Pointer }
type Field struct{ P []unsafe.Pointer }
type Method struct{}
func (*Method) M() map[string]uintptr { return nil }
func Param(f func(unsafe.Pointer)) {}
type Loop struct{ Next *Loop; F Fine }
var Var chan uintptr
func (*Fine) Good(int) error { return nil }
`)
	pkg, err := (&types.Config{Importer: importer.Default()}).Check("p", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		for _, p := range rawPointers(pkg.Scope().Lookup(name)) {
			got[p.where] = p.what
		}
	}
	want := map[string]string{"Field.P": "unsafe.Pointer", "Method.M": "uintptr", "Param": "unsafe.Pointer", "Var": "uintptr"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
