package userspace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func numbers(ns ...uint32) (b []byte) {
	for _, n := range ns {
		b = binary.NativeEndian.AppendUint32(b, n)
	}
	return b
}

// cached is a library in a hand-made cache.
type cached struct {
	flags      uint32
	name, path string
}

// ourFlags are those of a library of this machine's kind.
func ourFlags() uint32 {
	switch runtime.GOARCH {
	case "amd64":
		return 0x0303
	case "arm64":
		return 0x0a03
	}
	return 0x0003
}

// newCache makes a cache as ldconfig writes it today.
func newCache(libs ...cached) []byte {
	var entries, texts []byte
	start := 48 + 24*len(libs)
	put := func(s string) uint32 {
		texts = append(texts, s+"\x00"...)
		return uint32(start + len(texts) - len(s) - 1)
	}
	for _, l := range libs {
		entries = append(entries, numbers(l.flags, put(l.name), put(l.path), 0, 0, 0)...)
	}
	b := append([]byte("glibc-ld.so.cache1.1"), numbers(uint32(len(libs)), uint32(len(texts)), 2, 0, 0, 0, 0)...)
	return append(append(b, entries...), texts...)
}

// oldCache puts the older table before a cache. Its entries have no texts: nobody reads them.
func oldCache(entries int, after []byte) []byte {
	b := append([]byte("ld.so-1.7.0\x00"), numbers(uint32(entries))...)
	b = append(b, bytes.Repeat(numbers(0x0303, 0xffff, 0xffff), entries)...)
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	return append(b, after...)
}

func TestParseLDCache(t *testing.T) {
	us := ourFlags()
	libs := []cached{{us, "libz.so.1", "/lib/libz.so.1"}, {us, "libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"}, {us, "libc.so.6", "/old/libc.so.6"}}
	want := []library{{"libz.so.1", "/lib/libz.so.1"}, {"libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"}, {"libc.so.6", "/old/libc.so.6"}}
	foreign := []cached{{0x0001, "libc5.so", "/5"}, {0x0000, "x", "/x"}, {us, "libc.so.6", "/ours"}, {us | 4, "y", "/y"}}
	if runtime.GOARCH == "amd64" {
		foreign = append(foreign, cached{0x0003, "libc.so.6", "/i386"}, cached{0x0803, "libc.so.6", "/x32"}, cached{0x0a03, "libc.so.6", "/arm64"})
	}
	tests := []struct {
		name  string
		cache []byte
		want  []library
	}{
		{"new", newCache(libs...), want},
		{"old and new", oldCache(4, newCache(libs...)), want},
		{"old and new, with padding between", oldCache(3, newCache(libs...)), want},
		{"an empty old one and a new one", oldCache(0, newCache(libs...)), want},
		{"no libraries", newCache(), nil},
		{"libraries of other machines", newCache(foreign...), []library{{"libc.so.6", "/ours"}}},
		{"empty texts", newCache(cached{us, "", ""}), []library{{}}},
		{"the longest text", newCache(cached{us, strings.Repeat("n", 4095), "/"}), []library{{strings.Repeat("n", 4095), "/"}}},
		{"extensions after the texts", append(newCache(libs...), "\xea\x9d\x4e\xff and more"...), want},
	}
	for _, tt := range tests {
		got, err := parseLDCache(tt.cache)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %.300v, %v; want %.300v", tt.name, got, err, tt.want)
		}
	}
}

func TestParseLDCacheRefuses(t *testing.T) {
	us := ourFlags()
	good := newCache(cached{us, "libc.so.6", "/lib/libc.so.6"}, cached{us, "libz.so.1", "/lib/libz.so.1"})
	change := func(at int, n uint32) []byte {
		b := bytes.Clone(good)
		binary.NativeEndian.PutUint32(b[at:], n)
		return b
	}
	tests := map[string][]byte{
		"nothing":                       nil,
		"another file":                  []byte("\x7fELF" + strings.Repeat("\x00", 100)),
		"another version":               append([]byte("glibc-ld.so.cache1.2"), good[20:]...),
		"only an old one":               oldCache(4, nil),
		"an old one that promises more": append([]byte("ld.so-1.7.0\x00"), append(numbers(1<<32-1), good...)...),
		"the head of an old one":        []byte("ld.so-1.7.0\x00\x01\x00"),
		"more libraries than there are": change(20, 1000),
		"4 Gi libraries":                change(20, 1<<32-1),
		"a name outside":                change(48+4, uint32(len(good))),
		"a name far outside":            change(48+4, 1<<32-1),
		"a path outside":                change(48+24+8, uint32(len(good))),
		"a text without end":            good[:len(good)-1],
		"a text of a page and no end":   newCache(cached{us, strings.Repeat("n", 4096), "/"}),
	}
	for name, b := range tests {
		if got, err := parseLDCache(b); !errors.Is(err, errLDCache) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for n := range good {
		if got, err := parseLDCache(good[:n]); !errors.Is(err, errLDCache) {
			t.Errorf("the first %d of %d bytes: %v, %v", n, len(good), got, err)
		}
	}
}

// The machine's own cache, against what ldconfig says of it.
func TestParseLDCacheOfThisMachine(t *testing.T) {
	b, err := os.ReadFile(ldCacheFile)
	if err != nil {
		t.Skip("no cache of the dynamic linker:", err)
	}
	got, err := parseLDCache(b)
	if err != nil {
		t.Fatal(err)
	}
	ldconfig, err := exec.LookPath("ldconfig")
	if err != nil {
		ldconfig = "/sbin/ldconfig"
	}
	out, err := exec.Command(ldconfig, "-p").Output()
	if err != nil {
		t.Skip("no ldconfig:", err)
	}
	kind := map[string]string{"amd64": ",x86-64", "arm64": ",AArch64"}[runtime.GOARCH]
	var want []library
	for line := range strings.Lines(string(out)) {
		name, path, ok := strings.Cut(strings.TrimSpace(line), " => ")
		name, description, described := strings.Cut(name, " (")
		if ok && described && strings.HasPrefix(description, "libc6"+kind) {
			want = append(want, library{name, path})
		}
	}
	if len(want) == 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d libraries, ldconfig prints %d\ngot  %v\nwant %v", len(got), len(want), got, want)
	}
}

func FuzzLDCache(f *testing.F) {
	us := ourFlags()
	good := newCache(cached{us, "libc.so.6", "/lib/libc.so.6"}, cached{0x0003, "libz.so.1", "/lib/libz.so.1"})
	f.Add(good)
	f.Add(oldCache(3, good))
	f.Add(good[:len(good)-3])
	f.Add(append([]byte("ld.so-1.7.0\x00"), numbers(1<<32-1)...))
	f.Add(append([]byte("glibc-ld.so.cache1.1"), numbers(1<<32-1, 0, 0, 0, 0, 0, 0)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		libs, err := parseLDCache(b)
		if err != nil {
			if err != errLDCache || libs != nil {
				t.Errorf("%v, %v", libs, err)
			}
			return
		}
		if len(libs) > len(b)/ldEntry {
			t.Errorf("%d libraries in %d bytes", len(libs), len(b))
		}
		for _, l := range libs {
			for _, s := range []string{l.name, l.path} {
				if strings.Contains(s, "\x00") || !bytes.Contains(b, []byte(s+"\x00")) {
					t.Errorf("the cache does not hold %q", s)
				}
			}
		}
	})
}
