package userspace

import (
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const ifunc = elf.STT_GNU_IFUNC

func TestSymbol(t *testing.T) {
	static := []symbol{{"main", elf.STT_FUNC, 0x1100}, {"hidden", elf.STT_FUNC, 0x1200}, {"both", elf.STT_FUNC, 0x1300}, {"imported", elf.STT_FUNC, 0},
		{"versioned@@V_2", elf.STT_FUNC, 0x1500}, {"data", elf.STT_OBJECT, 0x4000}}
	dynamic := []symbol{{"both", elf.STT_FUNC, 0x1301}, {"exported", elf.STT_FUNC, 0x1600}, {"imported", elf.STT_NOTYPE, 0}, {"chosen", ifunc, 0x1700},
		{"start", elf.STT_NOTYPE, 0x1000}}
	all := open(t, writeELF(t, static, dynamic))
	for name, want := range map[string]Symbol{
		"main":      {"main", 0x1100, false},
		"hidden":    {"hidden", 0x1200, false},
		"both":      {"both", 0x1300, false}, // the full table comes first
		"versioned": {"versioned", 0x1500, false},
		"data":      {"data", 0x4000, false},
		"exported":  {"exported", 0x1600, false},
		"chosen":    {"chosen", 0x1700, true},
		"start":     {"start", 0x1000, false},
	} {
		if got, err := all.Symbol(name); got != want || err != nil {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	for _, name := range []string{"", "nothing", "imported", "versioned@@V_2", "Main", "mai", "main "} {
		got, err := all.Symbol(name)
		if got != (Symbol{}) || !errors.Is(err, ErrNoSymbol) || !strings.Contains(err.Error(), name+" in "+all.path) {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
	if got, want := all.Names(), []string{"main", "hidden", "both", "versioned", "exported", "chosen"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	if got := all.Near("exportet"); !slices.Equal(got, []string{"exported"}) {
		t.Errorf("near exportet: %q", got)
	}
}

func TestSymbolOfAFileWithOneTable(t *testing.T) {
	f := []symbol{{"f", elf.STT_FUNC, 0x1100}}
	for name, path := range map[string]string{"stripped": writeELF(t, nil, f), "static": writeELF(t, f, nil)} {
		if got, err := open(t, path).Symbol("f"); err != nil || got.Address != 0x1100 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	none := open(t, writeELF(t, nil, nil))
	if got, err := none.Symbol("f"); !errors.Is(err, ErrNoSymbol) || len(none.Names()) != 0 {
		t.Errorf("no tables: %+v, %v, %q", got, err, none.Names())
	}
}

func TestOffset(t *testing.T) {
	const rx, rw = elf.PF_R | elf.PF_X, elf.PF_R | elf.PF_W
	f := open(t, writeELF(t, nil, nil,
		segment{elf.PT_LOAD, elf.PF_R, 0, 0, 0x1000},
		segment{elf.PT_NOTE, rx, 0x7000, 0x400000, 0x2000},
		segment{elf.PT_LOAD, rx, 0x1000, 0x401000, 0x500},
		segment{elf.PT_LOAD, rw, 0x1500, 0x402500, 0x1000},
		segment{elf.PT_LOAD, rx, 0x3000, 0x500000, 0x10},
	))
	for address, want := range map[uint64]uint64{0x401000: 0x1000, 0x4010ff: 0x10ff, 0x4014ff: 0x14ff, 0x500000: 0x3000, 0x50000f: 0x300f} {
		if got, err := f.Offset(address); got != want || err != nil {
			t.Errorf("%#x: %#x, %v; want %#x", address, got, err, want)
		}
	}
	for _, address := range []uint64{0, 0x500, 0x400fff, 0x401500, 0x402500, 0x500010, 1<<64 - 1} {
		if got, err := f.Offset(address); err == nil || !strings.Contains(err.Error(), "is not in the code of "+f.path) {
			t.Errorf("%#x: %#x, %v", address, got, err)
		}
	}
}

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, err := os.ReadFile(writeELF(t, []symbol{{"f", elf.STT_FUNC, 1}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path, want string
		matches          error
	}{
		{"a text", write("text", "#!/bin/sh\nexit 0\n"), "is not an ELF file", nil},
		{"an empty file", write("empty", ""), "", nil},
		{"the head of one", write("head", string(good[:40])), "", nil},
		{"one cut short", write("short", string(good[:len(good)-1])), "", nil},
		{"nothing", filepath.Join(dir, "nothing"), "", fs.ErrNotExist},
		{"a folder", dir, "", nil},
	}
	for _, tt := range tests {
		_, err := Open(tt.path)
		if err == nil || strings.Count(err.Error(), tt.path) != 1 || !strings.Contains(err.Error(), tt.want) || tt.matches != nil && !errors.Is(err, tt.matches) {
			t.Errorf("%s: %v; want the path once, %q and %v", tt.name, err, tt.want, tt.matches)
		}
	}
}

// The machine's libc: what is known of it is that it has malloc, and that strlen is an IFUNC in glibc for x86-64.
func TestSymbolsOfLibc(t *testing.T) {
	path, err := FindLibrary("c", 0)
	if err != nil {
		t.Fatal(err)
	}
	libc := open(t, path)
	malloc, err := libc.Symbol("malloc")
	if err != nil || malloc.IFunc {
		t.Fatalf("malloc: %+v, %v", malloc, err)
	}
	offset, err := libc.Offset(malloc.Address)
	if err != nil || !bytesAt(t, path, offset) {
		t.Errorf("malloc at %#x: offset %#x, %v", malloc.Address, offset, err)
	}
	if got := libc.Near("mallok"); !slices.Contains(got, "malloc") {
		t.Errorf("near mallok: %q", got)
	}
	names := libc.Names()
	if len(names) < 500 || !slices.Contains(names, "malloc") || !slices.Contains(names, "strlen") {
		t.Errorf("%d names, with malloc and strlen expected", len(names))
	}
	slices.Sort(names)
	if once := slices.Compact(slices.Clone(names)); !reflect.DeepEqual(once, names) {
		t.Errorf("%d names, of them %d different", len(names), len(once))
	}
	if data, err := libc.Symbol("environ"); err == nil {
		if offset, err := libc.Offset(data.Address); err == nil {
			t.Errorf("environ is at offset %#x of the code", offset)
		}
	}
	if _, glibc := libc.Symbol("gnu_get_libc_version"); glibc == nil && runtime.GOARCH == "amd64" {
		if s, err := libc.Symbol("strlen"); err != nil || !s.IFunc {
			t.Errorf("strlen: %+v, %v", s, err)
		}
	}
}

// bytesAt tells whether the file has something else than zeros there.
func bytesAt(t *testing.T, path string, offset uint64) bool {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 16)
	if _, err := f.ReadAt(b, int64(offset)); err != nil {
		t.Error(err)
	}
	return slices.ContainsFunc(b, func(c byte) bool { return c != 0 })
}

// This executable: "go test" takes its symbols away, but not its code.
func TestOwnExecutable(t *testing.T) {
	self := open(t, "/proc/self/exe")
	if s, err := self.Symbol("gobcc_none"); !errors.Is(err, ErrNoSymbol) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, p := range self.elf.Progs {
		if p.Type != elf.PT_LOAD || p.Flags&elf.PF_X == 0 {
			continue
		}
		if got, err := self.Offset(p.Vaddr + 8); got != p.Off+8 || err != nil {
			t.Errorf("%#x: %#x, %v", p.Vaddr+8, got, err)
		}
		return
	}
	t.Error("no code")
}
