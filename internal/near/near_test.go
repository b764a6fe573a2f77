package near_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gobcc/bcc/internal/near"
)

func TestNames(t *testing.T) {
	libc := []string{"strlen", "strnlen", "strcpy", "malloc", "calloc", "realloc", "memalign", "getaddrinfo", "freeaddrinfo"}
	tests := []struct {
		name  string
		names []string
		want  []string
	}{
		{"strlem", libc, []string{"strlen", "strnlen"}},
		{"mallok", libc, []string{"malloc", "calloc"}},
		{"mlaloc", libc, []string{"malloc", "calloc"}}, // two letters in the wrong order, the nearest all the same
		{"Strlen", libc, []string{"strlen", "strnlen"}},
		{"getadrinfo", libc, []string{"getaddrinfo"}},
		{"vfs_read", libc, nil},
		{"", libc, nil},
		{"strlen", nil, nil},
		{"strlen", []string{"strlen"}, nil}, // it is there: nothing to say
		{"abcdef", []string{"ABCDEF", "abcdeg", "bbcdef", "abcdefg", "abcde", "abc"}, []string{"ABCDEF", "abcde", "abcdefg"}},
		{"abcdef", []string{"abcdxx", "abcdex", "abcxxx"}, []string{"abcdex", "abcdxx"}},
		{"abcdef", []string{"z", "y", "x"}, nil},
		{"abcdefghi", []string{"abcdefxyz"}, []string{"abcdefxyz"}},       // a third
		{"abcdefghi", []string{"abcdewxyz"}, nil},                         // more
		{"abcdefghi", []string{"abcdefghi123"}, []string{"abcdefghi123"}}, // longer by a third
		{"abcdefghi", []string{"abcdefghi1234"}, nil},
	}
	for _, tt := range tests {
		before := slices.Clone(tt.names)
		if got := near.Names(tt.name, tt.names); !slices.Equal(got, tt.want) {
			t.Errorf("%q among %q: %q, want %q", tt.name, tt.names, got, tt.want)
		}
		if !slices.Equal(before, tt.names) {
			t.Errorf("%q: the names were changed to %q", tt.name, tt.names)
		}
	}
}

// Letters that must change, one by one.
func TestNamesCountsLetters(t *testing.T) {
	const name = "abcdefghijkl" // of 12: 4 may differ
	for _, tt := range []struct {
		other string
		near  bool
	}{
		{"abcdefgh", true}, {"abcdefg", false}, {"efghijkl", true}, {"xxxxefghijkl", true}, {"xxxxxfghijkl", false}, {"badcfehgijkl", true},
		{"badcfehgjilk", false}, {"abcdefghijklmnop", true}, {"abcdefghijklmnopq", false}, {"bcdefghijklm", true}, {"cdefghijklmn", true},
		{"defghijklmno", false}, {"ABCDEFGHIJKL", true},
	} {
		if got := len(near.Names(name, []string{tt.other})) == 1; got != tt.near {
			t.Errorf("%q and %q are near: %v", name, tt.other, got)
		}
	}
}

func TestNamesAreAtMostThree(t *testing.T) {
	if got := near.Names("strlen", slices.Repeat([]string{"strlem"}, 10)); len(got) != 3 {
		t.Errorf("got %q", got)
	}
}

func FuzzNames(f *testing.F) {
	f.Add("strlem", "strlen\nstrnlen\nmalloc")
	f.Add("", "\na\nab")
	f.Add("żółć", "zolc\nŻÓŁĆ\n\xff")
	f.Fuzz(func(t *testing.T, name, list string) {
		if len(name) > 100 || len(list) > 1000 {
			t.Skip("too slow")
		}
		names := strings.Split(list, "\n")
		got := near.Names(name, names)
		if len(got) > 3 {
			t.Errorf("%d names", len(got))
		}
		for _, n := range got {
			if !slices.Contains(names, n) || n == name {
				t.Errorf("%q of %q for %q", n, names, name)
			}
		}
		slices.Reverse(names)
		if again := near.Names(name, names); !slices.Equal(again, got) {
			t.Errorf("in another order: %q, before %q", again, got)
		}
	})
}
