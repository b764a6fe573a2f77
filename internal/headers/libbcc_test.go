package headers

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

// The header is found wherever it stands in the file, however the file is read.
func TestEmbeddedText(t *testing.T) {
	for _, g := range guards {
		want := g + strings.Repeat("#define A 1\n", 10000)
		for _, before := range []int{0, 1, 65535, 65536, 65536 + len(guards[0]), 200000, 65530, 65560} {
			file := strings.Repeat("\x00", before) + want + "\x00" + g + "another"
			for _, r := range []func() (string, error){
				func() (string, error) { return embeddedText(strings.NewReader(file)) },
				func() (string, error) { return embeddedText(iotest.HalfReader(strings.NewReader(file))) },
			} {
				if got, err := r(); got != want || err != nil {
					t.Errorf("%d bytes before: %d bytes, expected %d; %v", before, len(got), len(want), err)
				}
			}
		}
		if _, err := embeddedText(strings.NewReader("text " + g + "without end")); !errors.Is(err, ErrLibrary) {
			t.Errorf("without an end: %v", err)
		}
	}
	if _, err := embeddedText(strings.NewReader("nothing")); !errors.Is(err, ErrLibrary) {
		t.Errorf("nothing there: %v", err)
	}
	broken := errors.New("broken")
	if _, err := embeddedText(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a broken file: %v", err)
	}
}
