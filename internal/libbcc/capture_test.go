package libbcc

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestCaptureKeepsWhatIsPrinted(t *testing.T) {
	var c capture
	if c.String() != "" {
		t.Errorf("at first: %q", c.String())
	}
	fmt.Fprint(&c, "one\n")
	if n, err := c.Write(nil); n != 0 || err != nil {
		t.Errorf("writing nothing: %d, %v", n, err)
	}
	fmt.Fprint(&c, "two")
	if got := c.String(); got != "one\ntwo" {
		t.Errorf("got %q", got)
	}
}

func TestCaptureIsBounded(t *testing.T) {
	const cut = "\n[output cut]\n"
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	var c capture
	for range maxOutput/len(chunk) - 1 {
		c.Write(chunk)
	}
	c.Write(chunk[1:])
	c.Write([]byte("y"))
	if got := c.String(); len(got) != maxOutput || !strings.HasSuffix(got, "xy") {
		t.Errorf("a full capture has %d bytes, ends with %q", len(got), got[len(got)-20:])
	}
	// A child that prints more must not be told: it would end in the middle of its work.
	for _, more := range []string{"z", strings.Repeat("z", 1<<20)} {
		if n, err := c.Write([]byte(more)); n != len(more) || err != nil {
			t.Errorf("writing %d bytes more: %d, %v", len(more), n, err)
		}
	}
	if got := c.String(); len(got) != maxOutput+len(cut) || !strings.HasSuffix(got, "xy"+cut) {
		t.Errorf("an overfull capture has %d bytes, ends with %q", len(got), got[len(got)-20:])
	}
}

func TestCaptureCutsInsideAWrite(t *testing.T) {
	var c capture
	if n, err := c.Write(bytes.Repeat([]byte("x"), maxOutput+1)); n != maxOutput+1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := c.String(); strings.Count(got, "x") != maxOutput || !strings.HasSuffix(got, "x\n[output cut]\n") {
		t.Errorf("%d bytes, ends with %q", len(got), got[len(got)-20:])
	}
}
