package userspace

import (
	"debug/elf"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// On a file, the sticky bit keeps nobody from writing.
func TestStickyFileIsNotTrusted(t *testing.T) {
	if _, err := Trusted(made(t, 0o755, 0o666|fs.ModeSticky)); err == nil {
		t.Error("a file that all may write to is trusted")
	}
}

// A relative path has folders above the current one.
func TestTrustedOfARelativePath(t *testing.T) {
	dir := filepath.Dir(made(t, 0o755, 0o644))
	t.Chdir(dir)
	if err := os.Chmod(filepath.Dir(dir), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Trusted("./lib.so"); err == nil {
		t.Error("a file is trusted that all may replace, by moving its folder away")
	}
}

func TestVersionNeedsADot(t *testing.T) {
	if isLibrary("c").MatchString("libc-2so") {
		t.Error("libc-2so is taken for libc")
	}
}

// glibc keeps old versions of a function under the same name: that which programs call is the default one.
func TestDefaultVersion(t *testing.T) {
	path, err := FindLibrary("c", 0)
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	symbols, err := f.elf.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		if typ := elf.ST_TYPE(s.Info); s.Value == 0 || typ != elf.STT_FUNC && typ != elf.STT_GNU_IFUNC || s.VersionIndex.IsHidden() {
			continue
		}
		if got, err := f.Symbol(s.Name); err != nil || got.Address != s.Value {
			t.Errorf("%s: %#x, %v; the default version %s is at %#x", s.Name, got.Address, err, s.Version, s.Value)
		}
	}
}
