package headers

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/gobcc/bcc/internal/libbcc"
)

// TestCompare compiles programs with kernel headers and with trees, and wants the same instructions. It needs both of one
// kernel, not necessarily the running one, and is run by hand:
//
//	GOBCC_CORPUS     what corpus/extract.py made
//	GOBCC_HEADERS    the headers, as for BCC_KERNEL_SOURCE
//	GOBCC_BTF        that kernel's type information: objcopy --dump-section .BTF=vmlinux; its modules' beside it
//	GOBCC_RELEASE    its version, as LINUX_VERSION_CODE in the headers has it
//	GOBCC_CONFIG     its configuration
func TestCompare(t *testing.T) {
	headers := os.Getenv("GOBCC_HEADERS")
	if headers == "" {
		t.Skip("GOBCC_HEADERS is not set")
	}
	files, err := filepath.Glob(filepath.Join(os.Getenv("GOBCC_CORPUS"), "*.c"))
	if err != nil || len(files) == 0 {
		t.Fatal("no programs in GOBCC_CORPUS", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			req := &Request{BTF: os.Getenv("GOBCC_BTF"), Release: os.Getenv("GOBCC_RELEASE"), Config: os.Getenv("GOBCC_CONFIG")}
			req.Source, req.CFlags = corpusProgram(t, path)
			tree, err := Generate(t.TempDir(), req)
			if err != nil {
				t.Fatal(err)
			}
			compareFunctions(t, compileIn(t, req.Source, req.CFlags, headers), compileIn(t, req.Source, tree.CFlags, tree.Dir))
		})
	}
}

// compileIn compiles against a folder; nil where libbcc does not survive it.
func compileIn(t *testing.T, source string, flags []string, dir string) *libbcc.Result {
	t.Helper()
	r, err := libbcc.Compile(context.Background(), &libbcc.Request{Source: source, CFlags: flags, Env: []string{"BCC_KERNEL_SOURCE=" + dir}})
	if err != nil {
		t.Log(err)
	}
	return r
}

func compareFunctions(t *testing.T, want, got *libbcc.Result) {
	t.Helper()
	switch failed := got == nil || got.Failed; {
	case want == nil || want.Failed:
		t.Skipf("it does not compile with headers; with the tree: %t", !failed)
	case failed:
		t.Fatalf("it compiles only with headers: %+v", got)
	case len(want.Functions) != len(got.Functions):
		t.Errorf("%d functions, want %d", len(got.Functions), len(want.Functions))
	}
	for i, f := range want.Functions {
		if g := got.Functions[i]; g.Name != f.Name || !bytes.Equal(g.Code, f.Code) {
			t.Errorf("%s: %d instructions, want %s with %d", g.Name, len(g.Code)/8, f.Name, len(f.Code)/8)
		}
	}
	t.Logf("%d functions", len(want.Functions))
}
