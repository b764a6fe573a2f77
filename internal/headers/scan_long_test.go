package headers

import (
	"fmt"
	"strings"
	"testing"
)

// TestLongTexts scans long texts that are made to be slow.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	doubling := ""
	for i := range 26 {
		doubling += fmt.Sprintf("#define D%d (D%d + D%d)\n", i, i+1, i+1)
	}
	doubling += "#if D0\n#endif\n"
	const size = 1 << 18 // what grows faster than the text would run into the time limit of the tests
	for name, part := range map[string]string{"braces": "{", "parens": "(", "attributes": "){", "typedefs": "typedef struct {",
		"underscores": "tracepoint__", "calls": "BPF_HASH(a, ", "strings": `"\`, "includes": "#include <a/b>\n", "defines": "#define A A A\n",
		"conditions": "#if (1\n", "stars": "a * ", "unclosed": "/*", "hashes": "#\n", "backslashes": "\\\n", "values": "#define A B\n#define B A\n#if A + B\n",
		"enums": "enum { a, ", "structs": "struct a { int b; ", "nots": "!", "numbers": "1+"} {
		text := doubling + strings.Repeat(part, size/len(part))
		if s, err := scanProgram("#if 1\n#if "+text, "", flags{}, version{}, ""); err == nil {
			tracepoints(text, s)
		}
		if s, err := scanProgram(text, "", flags{}, version{}, ""); err == nil {
			tracepoints(text, s)
		}
		t.Log(name) // in -v, the one that does not end is the next
	}
}
