package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// table makes the table of the macros that headers in some folders leave behind, without those in known.
func (h *headers) table(folders []string, known map[string]string) (map[string]string, error) {
	t := table{macros: map[string]string{}, doubtful: map[string]bool{}, from: map[string]string{}}
	for _, folder := range folders {
		files, err := h.files(folder)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			text, err := h.macros("#include <" + f + ">\n")
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s left out: %.200v\n", f, err)
				continue
			}
			t.add(f, text, h.builtin, known)
		}
	}
	for name := range t.doubtful {
		delete(t.macros, name)
	}
	fmt.Fprintln(os.Stderr, len(t.doubtful), "with different values in different headers are left out")
	return t.resolve(h, known), nil
}

// A table holds macros: by name what stands after it, " value" or "(parameters) value".
type table struct {
	macros   map[string]string
	from     map[string]string // header by name
	doubtful map[string]bool
}

// wanted are names of constants. Lower-case ones would hit members and variables; __NR_ is for system calls.
var wanted = regexp.MustCompile(`^(_*[A-Z][A-Z0-9_]*[a-z0-9A-Z_]*|__NR_\w+)$`)

func nameOf(text string) string {
	n := strings.IndexAny(text, " (")
	if n < 0 {
		return text
	}
	return text[:n]
}

func (t *table) add(file, text string, builtin map[string]bool, known map[string]string) {
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimPrefix(l, "#define ")
		name := nameOf(l)
		rest := l[len(name):]
		if _, ok := known[name]; ok || builtin[name] || !wanted.MatchString(name) || strings.TrimSpace(rest) == "" {
			continue
		}
		if old, ok := t.macros[name]; ok && old != rest {
			t.doubtful[name] = true
		}
		t.macros[name], t.from[name] = rest, file
	}
}

var (
	word    = regexp.MustCompile(`[A-Za-z_]\w*`)
	literal = regexp.MustCompile(`"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|\b0[xX][0-9a-fA-F]+[uUlL]*|\b[0-9]\w*`)
)

// resolve keeps the macros that are made of others in the table, and computes the others where they are constants: those
// made from types (numbers of ioctls) and from enumerators.
func (t *table) resolve(h *headers, known map[string]string) map[string]string {
	out, open := map[string]string{}, map[string]bool{}
	for name, rest := range t.macros {
		out[name] = rest
		open[name] = true
	}
	for changed := true; changed; {
		changed = false
		for name := range open {
			if !selfContained(name, out, known) {
				delete(open, name)
				changed = true
				delete(out, name)
			}
		}
	}
	var compute []string
	for name, rest := range t.macros {
		if _, ok := out[name]; !ok && strings.HasPrefix(rest, " ") {
			compute = append(compute, name)
		}
	}
	slices.Sort(compute)
	values := h.values(compute, t.from)
	for name, v := range values {
		out[name] = " " + v
	}
	fmt.Fprintln(os.Stderr, len(values), "of", len(compute), "computed")
	return out
}

// selfContained tells whether a macro needs nothing but macros of the tables and its own parameters.
func selfContained(name string, tables ...map[string]string) bool {
	rest := tables[0][name]
	params := ""
	if strings.HasPrefix(rest, "(") {
		params, rest, _ = strings.Cut(rest, ")")
	}
	for _, w := range word.FindAllString(literal.ReplaceAllString(rest, " "), -1) {
		if w == name {
			return false
		}
		ok := regexp.MustCompile(`\b` + w + `\b`).MatchString(params)
		for _, t := range tables {
			_, is := t[w]
			ok = ok || is
		}
		if !ok {
			return false
		}
	}
	return true
}

// values computes constants, all of one header in one go: gcc leaves them in the assembly as numbers.
func (h *headers) values(names []string, from map[string]string) map[string]string {
	byFile := map[string][]string{}
	for _, n := range names {
		byFile[from[n]] = append(byFile[from[n]], n)
	}
	values := map[string]string{}
	for file, names := range byFile {
		h.computeSome(file, names, values)
	}
	return values
}

var computed = regexp.MustCompile(`gobcc (\w+) \$?(-?\d+)`)

// computeSome halves the list where gcc refuses it, until what is no constant is alone.
func (h *headers) computeSome(file string, names []string, values map[string]string) {
	var b strings.Builder
	b.WriteString("#include <" + file + ">\nvoid f(void) {\n")
	for _, n := range names {
		fmt.Fprintf(&b, "enum { constant_%s = !(%s) };\n__asm__ volatile(\"gobcc %s %%0\" :: \"i\"((long long)(%s)));\n", n, n, n, n)
	}
	b.WriteString("}\n")
	cmd := exec.Command("gcc", append(h.options(), "-w", "-include", h.dir+"/linux/types.h", "-S", "-o", "-", "-")...)
	cmd.Stdin = strings.NewReader(b.String())
	out, err := cmd.Output()
	if err == nil {
		for _, m := range computed.FindAllStringSubmatch(string(out), -1) {
			values[m[1]] = m[2]
		}
		return
	}
	if len(names) > 1 {
		h.computeSome(file, names[:len(names)/2], values)
		h.computeSome(file, names[len(names)/2:], values)
	}
}
