package headers

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"
)

// kernelBTF opens the running kernel's type information, or that of the file in GOBCC_BTF, with its modules beside it.
func kernelBTF(t testing.TB) *btfFile {
	t.Helper()
	path := os.Getenv("GOBCC_BTF")
	if path == "" {
		path = kernelBTFFile
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Skip("this kernel has no BTF:", err)
	}
	f, err := openBTF(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// compiler finds a C compiler for a test.
func compiler(t testing.TB) string {
	t.Helper()
	for _, cc := range []string{"gcc", "clang", "cc"} {
		if path, err := exec.LookPath(cc); err == nil {
			return path
		}
	}
	t.Skip("there is no C compiler")
	return ""
}

// TestLayoutOfEveryType writes all of the kernel's types as C and has a compiler check the size of each struct and union
// and the offset of each member. A module's types are checked with GOBCC_BTF_MODULE.
func TestLayoutOfEveryType(t *testing.T) {
	t.Parallel()
	cc := compiler(t)
	f := kernelBTF(t)
	if module := os.Getenv("GOBCC_BTF_MODULE"); module != "" {
		b, err := os.ReadFile(module)
		if err != nil {
			t.Fatal(err)
		}
		if f, err = openBTF(b, f); err != nil {
			t.Fatal(err)
		}
	}
	text, sizes, offsets, _ := everything(t, f)
	t.Logf("%d bytes of C, %d sizes, %d offsets", len(text), sizes, offsets)
	if sizes < 10 {
		t.Errorf("only %d sizes", sizes)
	}
	checkC(t, cc, text)
}

func checkC(t *testing.T, cc, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all.c")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(cc, "-std=gnu17", "-fsyntax-only", "-w", "-nostdinc", path).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out[:min(len(out), 8000)])
	}
}

// everything is C text with all types of a file and assertions on them.
func everything(t testing.TB, f *btfFile) (text string, sizes, offsets int, fields []string) {
	t.Helper()
	s := &selector{pool: f.pool, follow: func(string) bool { return false }, given: func(t btf.Type) bool {
		return t.TypeName() == "__builtin_va_list"
	}, seen: map[btf.Type]bool{}}
	for i := range f.starts {
		id := f.firstID + uint32(i)
		switch h, _ := f.header(id); h.kind() {
		case kindStruct, kindUnion, kindEnum, kindEnum64, kindTypedef:
			typ, err := f.typ(id)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.add(typ); err != nil {
				t.Fatal(err)
			}
		}
	}
	w := newWriter(f.pool, reserved{})
	w.names.assign(s.order)
	types, err := writeTypes(w, s.order)
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.NewBufferString(types)
	for _, typ := range s.order {
		c, ok, err := f.pool.composite(typ)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		name := c.keyword + " " + w.names.tag(typ)
		fmt.Fprintf(b, "_Static_assert(sizeof(%s) == %d, %q);\n", name, c.size, name)
		sizes++
		offsets += assertOffsets(b, f, c, name, "", 0)
		fields = append(fields, checkFields(f, c, name, "", 0)...)
	}
	return b.String(), sizes, offsets, fields
}

// assertOffsets also goes into anonymous members, and into named ones of an anonymous type.
func assertOffsets(b *bytes.Buffer, f *btfFile, c composite, name, prefix string, base btf.Bits) (n int) {
	for _, m := range c.members {
		inner, ok, _ := f.pool.composite(bare(m.Type))
		if m.BitfieldSize == 0 && m.Name != "" {
			fmt.Fprintf(b, "_Static_assert(__builtin_offsetof(%s, %s%s) == %d, \"%s.%s%s\");\n", name, prefix, m.Name,
				(base+m.Offset)/8, name, prefix, m.Name)
			n++
		}
		if ok && inner.name == "" {
			p := prefix
			if m.Name != "" {
				p += m.Name + "."
			}
			n += assertOffsets(b, f, inner, name, p, base+m.Offset)
		}
	}
	return n
}

// TestBitFields checks what no offset can: that bit fields lie where BTF says. A program sets all bits of each.
func TestBitFields(t *testing.T) {
	t.Parallel()
	cc := compiler(t)
	text, _, _, fields := everything(t, kernelBTF(t))
	types, _, _ := strings.Cut(text, "_Static_assert")
	b := bytes.NewBufferString(types + `
int printf(const char *, ...);
static int failed;
static void check(unsigned char *p, int size, int offset, int bits, const char *name)
{
	for (int i = 0; i < size * 8; i++)
		if ((p[i / 8] >> i % 8 & 1) != (i >= offset && i < offset + bits)) {
			printf("%s: bit %d is wrong\n", name, i);
			failed = 1;
			return;
		}
}
`)
	for i, f := range fields {
		fmt.Fprintf(b, "static void check%d(void) { %s }\n", i, f)
	}
	b.WriteString("int main(void) {\n")
	for i := range fields {
		fmt.Fprintf(b, "check%d();\n", i)
	}
	b.WriteString("return failed; }\n")
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/bits.c", b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(cc, "-std=gnu17", "-w", "-o", dir+"/bits", dir+"/bits.c").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out[:min(len(out), 4000)])
	}
	out, err := exec.Command(dir + "/bits").CombinedOutput()
	t.Logf("%d bit fields", len(fields))
	if err != nil {
		t.Errorf("%v\n%s", err, out[:min(len(out), 4000)])
	}
}

// checkFields makes C statements that set one bit field each.
func checkFields(f *btfFile, c composite, name, prefix string, base btf.Bits) (lines []string) {
	for _, m := range c.members {
		inner, ok, _ := f.pool.composite(bare(m.Type))
		if m.BitfieldSize > 0 && m.Name != "" {
			lines = append(lines, fmt.Sprintf("static %s s; s.%s%s = -1; check((void *)&s, sizeof(s), %d, %d, \"%s.%s\");",
				name, prefix, m.Name, base+m.Offset, m.BitfieldSize, name, m.Name))
		}
		if ok && inner.name == "" {
			p := prefix
			if m.Name != "" {
				p += m.Name + "."
			}
			lines = append(lines, checkFields(f, inner, name, p, base+m.Offset)...)
		}
	}
	return lines
}
