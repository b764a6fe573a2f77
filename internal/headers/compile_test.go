package headers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobcc/bcc/internal/libbcc"
	"github.com/gobcc/bcc/internal/testutil"
)

// compile compiles a program against nothing but a tree made for it, and returns what the compiler said of it, with the
// tree for the case that the program is to be looked at.
func compile(t testing.TB, req *Request) (complaints string, tree *Tree) {
	t.Helper()
	if _, err := FindLibrary(); err != nil {
		t.Skip(err)
	}
	if _, err := os.Stat(kernelBTFFile); err != nil {
		t.Skip("this kernel has no BTF:", err)
	}
	if strings.Contains(strings.ToLower(req.Source), "tracepoint_") {
		testutil.Tracefs(t) // libbcc reads the arguments of tracepoints there
	}
	tree, err := Generate(t.TempDir(), req)
	if err != nil {
		t.Fatal(err)
	}
	r, err := libbcc.Compile(context.Background(), &libbcc.Request{Source: req.Source,
		CFlags: append([]string{"-Werror=implicit-function-declaration"}, tree.CFlags...),
		Env:    []string{"BCC_KERNEL_SOURCE=" + tree.Dir}})
	if errors.Is(err, libbcc.ErrNoCompiler) || errors.Is(err, libbcc.ErrNoLibrary) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if r.Failed {
		return "failed: " + r.Stderr, tree
	}
	if len(r.Functions) == 0 {
		return "no functions: " + r.Stderr, tree
	}
	return r.Stderr, tree
}

func TestCompile(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.c")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".c"), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(source), "\n")
			_, flags, _ := strings.Cut(first, "flags:")
			complaints, tree := compile(t, &Request{Source: string(source), CFlags: strings.Fields(flags), Dir: "testdata/programs"})
			if complaints != "" {
				t.Errorf("%s", complaints)
			}
			t.Logf("%d types, %d bytes", tree.Types, tree.Bytes)
			if len(tree.Unknown) > 0 {
				t.Errorf("unknown: %v", tree.Unknown)
			}
		})
	}
}
