package libbcc

import "strings"

// maxOutput bounds what is kept of a child's output. An LLVM dump of a large program has some MiB.
const maxOutput = 64 << 20

// capture keeps what a child prints, up to maxOutput.
type capture struct {
	text strings.Builder
	cut  bool
}

// Write never fails: a child that prints too much is not worth an error.
func (c *capture) Write(p []byte) (int, error) {
	n := len(p)
	if room := maxOutput - c.text.Len(); len(p) > room {
		p, c.cut = p[:room], true
	}
	c.text.Write(p)
	return n, nil
}

func (c *capture) String() string {
	if c.cut {
		return c.text.String() + "\n[output cut]\n"
	}
	return c.text.String()
}
