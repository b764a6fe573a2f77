package headers

import (
	_ "embed" // the table
	"sort"
	"strings"
)

//go:generate go run ./gen -o uapi

// uapiCommon are the constants of the kernel's user interface, a line "NAME VALUE" or "NAME(parameters) VALUE" each, sorted by
// name. They are never changed, only added to, so one table is right for all kernels. It is searched as it is.
//
//go:embed uapi/common.txt
var uapiCommon string

// uapi finds a macro of the user interface, of this machine's or of all.
func uapi(name string) (macro, bool) {
	for _, table := range []string{uapiMachine, uapiCommon} {
		if text, ok := lookUp(table, name); ok {
			return newMacro(text), true
		}
	}
	return macro{}, false
}

// lookUp finds the line of a name in a sorted text.
func lookUp(table, name string) (string, bool) {
	lineAt := func(i int) string {
		start := strings.LastIndexByte(table[:i], '\n') + 1
		text, _, _ := strings.Cut(table[start:], "\n")
		return text
	}
	nameOf := func(text string) string {
		if n := strings.IndexAny(text, " ("); n >= 0 {
			return text[:n]
		}
		return text
	}
	i := sort.Search(len(table), func(i int) bool { return nameOf(lineAt(i)) >= name })
	if i == len(table) {
		return "", false
	}
	text := lineAt(i)
	return text, nameOf(text) == name
}
