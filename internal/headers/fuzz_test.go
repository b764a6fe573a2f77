package headers

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzGenerate makes trees for any text: there is a tree or an error, soon, and the tree is where it belongs. The kernel and
// the library are small ones, so that most of the time goes into the text.
func FuzzGenerate(f *testing.F) {
	small := f.TempDir()
	library, kernel := filepath.Join(small, "libbcc.so"), filepath.Join(small, "vmlinux")
	for path, b := range map[string][]byte{kernel: oddKernel().bytes(),
		library: []byte("x\x00" + guards[0] + "enum { BPF_ANY };\nstruct bpf_insn { int x; };\n#define BPF_OBJ_NAME_LEN 16\n#endif\n\x00y")} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			f.Fatal(err)
		}
	}
	files, _ := filepath.Glob("testdata/programs/*.c")
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b), "-DX=1")
	}
	f.Add("#include <../../x.h>\n#include <linux/kconfig.h>\n#include <linux>\n#include <a/\x00b>\n", "-I")
	f.Add("TRACEPOINT_PROBE(../x, ..)\n#if ((((((\nstruct struct { struct } * * (", "-include")
	f.Add("tracepoint__________________________ struct task_struct task_struct; enum enum enum ;", "-D")
	f.Fuzz(func(t *testing.T, source, flag string) {
		dir, start := t.TempDir(), time.Now()
		tree, err := Generate(dir, &Request{Source: source, CFlags: []string{flag}, Library: library, BTF: kernel, Tracefs: small})
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("took %v", d)
		}
		if err != nil {
			return
		}
		if _, err := os.Stat(filepath.Join(tree.Dir, "include/linux", kconfigFile)); err != nil {
			t.Error(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 {
			t.Errorf("the folder has %v, %v", entries, err)
		}
	})
}

// FuzzScan scans any text, without the rest of what a tree needs.
func FuzzScan(f *testing.F) {
	files, _ := filepath.Glob("testdata/programs/*.c")
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b), "-DX=1")
	}
	f.Fuzz(func(t *testing.T, text, flag string) {
		flags, err := parseFlags([]string{flag, flag})
		if err != nil {
			t.Fatal(err)
		}
		s, err := scanProgram(text, "", flags, version{6, 1, 0}, "\nCONFIG_X=y\n")
		if err != nil {
			return
		}
		tracepoints(text, s)
		useIterators(s, text)
	})
}
