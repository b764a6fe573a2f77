package headers

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"strings"
)

// A config is the kernel's configuration as text, lines CONFIG_X=y; empty where it is nowhere to be read.
type config string

// readConfig reads the configuration from the first of some files that has one.
func readConfig(paths []string) config {
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
			if b, err = io.ReadAll(io.LimitReader(z, maxConfig)); err != nil {
				continue
			}
		}
		return config("\n" + string(b))
	}
	return ""
}

// maxConfig is more than any configuration has.
const maxConfig = 16 << 20

// standIn is what libbcc's helpers.h asks about, and holds for every kernel that has BTF.
var standIn = map[string]string{"CONFIG_BPF_SYSCALL": "y", "CONFIG_ARCH_HAS_SYSCALL_WRAPPER": "y"}

// get returns the value of CONFIG_X: y, m, a number or a text in quotes.
func (c config) get(name string) (value string, ok bool) {
	if c == "" {
		value, ok = standIn[name]
		return value, ok
	}
	_, rest, ok := strings.Cut(string(c), "\n"+name+"=")
	value, _, _ = strings.Cut(rest, "\n")
	return value, ok
}

// define writes a #define as the kernel's build does; empty where the option is off.
func (c config) define(name string) string {
	value, ok := c.get(name)
	switch {
	case !ok:
		return ""
	case value == "y":
		return "#define " + name + " 1\n"
	case value == "m":
		return "#define " + name + "_MODULE 1\n"
	}
	return "#define " + name + " " + value + "\n"
}
