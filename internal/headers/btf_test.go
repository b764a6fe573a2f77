package headers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"
)

// TestDecodeAgainstCilium decodes every struct, union and enum of the kernel and compares it with what cilium's reader
// makes of it.
func TestDecodeAgainstCilium(t *testing.T) {
	t.Parallel()
	f := kernelBTF(t)
	spec, err := btf.LoadKernelSpec()
	if err != nil || os.Getenv("GOBCC_BTF") != "" {
		t.Skip(err)
	}
	compared := 0
	for i := range f.starts {
		id := f.firstID + uint32(i)
		h, _ := f.header(id)
		if k := h.kind(); k != kindStruct && k != kindUnion && k != kindEnum && k != kindEnum64 {
			continue
		}
		got, err := f.typ(id)
		if err != nil {
			t.Fatal(err)
		}
		want, err := spec.TypeByID(btf.TypeID(id))
		if err != nil {
			t.Fatal(err)
		}
		compared++
		if g, ok := got.(*btf.Enum); ok {
			w := want.(*btf.Enum)
			if g.Name != w.Name || g.Size != w.Size || g.Signed != w.Signed || !slices.Equal(g.Values, w.Values) {
				t.Errorf("enum %s: %+v, want %+v", w.Name, g, w)
			}
			continue
		}
		compareComposite(t, f, got, want)
	}
	t.Logf("%d types", compared)
}

func compareComposite(t *testing.T, f *btfFile, got, want btf.Type) {
	t.Helper()
	g, ok, err := f.composite(got)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	var members []btf.Member
	var size uint32
	switch w := want.(type) {
	case *btf.Struct:
		members, size = w.Members, w.Size
	case *btf.Union:
		members, size = w.Members, w.Size
	}
	if g.name != want.TypeName() || g.size != size || len(g.members) != len(members) {
		t.Fatalf("%s %s: %d bytes, %d members, want %v", g.keyword, g.name, g.size, len(g.members), want)
	}
	for i, m := range g.members {
		w := members[i]
		if m.Name != w.Name || m.Offset != w.Offset || m.BitfieldSize != w.BitfieldSize || m.Type.TypeName() != w.Type.TypeName() {
			t.Errorf("%s %s: member %+v, want %+v", g.keyword, g.name, m, w)
		}
	}
}

// An encoder writes BTF, for tests: of a kernel, or of a module with ids and texts that go on where the kernel's end.
type encoder struct {
	types, texts []byte
	firstText    int
}

func (e *encoder) text(s string) uint32 {
	at := e.firstText + len(e.texts)
	e.texts = append(append(e.texts, s...), 0)
	return uint32(at)
}

func (e *encoder) typ(name string, kind, count int, flag bool, size uint32, rest ...uint32) {
	info := uint32(kind)<<24 | uint32(count)
	if flag {
		info |= 1 << 31
	}
	n := uint32(0)
	if name != "" {
		n = e.text(name)
	}
	for _, v := range append([]uint32{n, info, size}, rest...) {
		e.types = binary.NativeEndian.AppendUint32(e.types, v)
	}
}

func (e *encoder) bytes() []byte {
	b := binary.NativeEndian.AppendUint16(nil, btfMagic)
	b = append(b, 1, 0)
	for _, v := range []int{24, 0, len(e.types), len(e.types), len(e.texts)} {
		b = binary.NativeEndian.AppendUint32(b, uint32(v))
	}
	return append(append(b, e.types...), e.texts...)
}

// oddKernel has what compilers and kernels of other times and kinds write.
func oddKernel() *encoder {
	e := &encoder{texts: []byte{0}}
	e.typ("int", kindInt, 0, false, 4, 1<<24|32)         // 1
	e.typ("unsigned int", kindInt, 0, false, 4, 3<<16|5) // 2: a bit field of the old kind, bits 3 to 7
	e.typ("", kindPtr, 0, false, 6)                      // 3: to odd
	e.typ("Vec<u8>", kindStruct, 0, false, 0)            // 4: Rust
	e.typ("empty", kindEnum, 0, false, 1)                // 5
	m := func(n string, t, off uint32) []uint32 { return []uint32{e.text(n), t, off} }
	members := slices.Concat(m("a", 1, 0), m("old", 2, 32), m("self", 3, 64), m("rust", 4, 128), m("e", 5, 128))
	e.typ("odd", kindStruct, 5, false, 17, members...) // 6: packed, to have 17 bytes
	e.typ("u8", kindInt, 0, false, 1, 8)               // 7
	e.typ("huge", kindEnum64, 1, false, 8, e.text("HUGE"), 1, 1<<31)
	return e
}

func TestOddTypes(t *testing.T) {
	t.Parallel()
	f, err := openBTF(oddKernel().bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, sizes, offsets, _ := everything(t, f)
	for _, want := range []string{"struct Vec_u8_", "unsigned int old : 5;", "HUGE = 9223372036854775809ULL", "__attribute__((packed))",
		"empty___empty"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if sizes != 2 || offsets != 4 {
		t.Errorf("%d sizes, %d offsets", sizes, offsets)
	}
	checkC(t, compiler(t), text)
}

// TestModule takes a struct out of a module's type information.
func TestModule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	base := oddKernel()
	kernel, err := openBTF(base.bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	module := &encoder{firstText: len(base.texts)}
	next := kernel.endID()
	module.typ("", kindPtr, 0, false, 6)
	module.typ("of_module", kindStruct, 2, false, 16, module.text("odd"), next, 0, module.text("n"), 1, 64)
	for name, b := range map[string][]byte{"vmlinux": base.bytes(), "a": {1, 2}, "m": module.bytes(), "z": {3}} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := FindLibrary(); err != nil {
		t.Skip(err)
	}
	tree, err := Generate(t.TempDir(), &Request{Source: "struct of_module *m; int x = m->odd->a; struct nowhere *n; struct odd *o;",
		BTF: filepath.Join(dir, "vmlinux")})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tree.Unknown, []string{"struct nowhere"}) {
		t.Errorf("unknown: %q", tree.Unknown)
	}
	b, err := os.ReadFile(filepath.Join(tree.Dir, "include/linux", kernelFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"struct of_module {\n\tstruct odd *odd;\n\tint n;\n}", "struct odd {\n", "struct nowhere;\n"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %q in\n%s", want, b)
		}
	}
}

func FuzzBTF(f *testing.F) {
	f.Add(oddKernel().bytes())
	f.Add([]byte{0x9f, 0xeb, 1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := openBTF(bytes.Clone(b), nil)
		if err != nil {
			if !errors.Is(err, ErrBTF) {
				t.Fatal(err)
			}
			return
		}
		s := &selector{pool: file.pool, seen: map[btf.Type]bool{}, given: func(btf.Type) bool { return false },
			theirs: func(btf.Type) bool { return false }, follow: func(string) bool { return true }}
		for i := range min(len(file.starts), 100) {
			if typ, err := file.typ(file.firstID + uint32(i)); err == nil {
				if err := s.add(typ); err != nil && !errors.Is(err, ErrBTF) {
					t.Fatal(err)
				}
			}
		}
		w := newWriter(file.pool, reserved{})
		w.names.assign(s.order)
		if _, err := writeTypes(w, s.order); err != nil && !errors.Is(err, ErrBTF) {
			t.Fatal(err)
		}
	})
}
