package headers

import (
	"os"
	"path/filepath"
	"strings"
)

// flags are what the compiler's flags say about headers and macros.
type flags struct {
	defines  []definition
	includes []string // of -include
	quoted   []string // folders for headers in quotes only
	dirs     []string // folders for all headers
	absolute []string // all flags, with folders as absolute paths
}

type definition struct {
	name   string
	tokens []token
}

// headerFlags are the flags whose argument is a path, in the same word or the next.
var headerFlags = []string{"-include", "-iquote", "-isystem", "-idirafter", "-I"}

// parseFlags reads flags. libbcc compiles in the folder of the headers, so relative folders must become absolute ones: the
// caller means those of its own.
func parseFlags(list []string) (flags, error) {
	var f flags
	for i := 0; i < len(list); i++ {
		flag := list[i]
		if text, ok := strings.CutPrefix(flag, "-D"); ok {
			if text == "" && i+1 < len(list) {
				i++
				text = list[i]
				f.absolute = append(f.absolute, flag)
			}
			f.absolute = append(f.absolute, list[i])
			f.define(text)
			continue
		}
		name, path, joined := headerFlag(flag)
		if name == "" || path == "" && i+1 == len(list) {
			f.absolute = append(f.absolute, flag)
			continue
		}
		if !joined {
			i++
			path = list[i]
		}
		if err := f.path(name, path); err != nil {
			return f, err
		}
	}
	return f, nil
}

func headerFlag(flag string) (name, path string, joined bool) {
	for _, name := range headerFlags {
		if path, ok := strings.CutPrefix(flag, name); ok && !strings.HasPrefix(path, "-") {
			return name, path, path != ""
		}
	}
	return "", "", false
}

func (f *flags) define(text string) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		value = "1"
	}
	name, _, _ = strings.Cut(name, "(")
	d := definition{name: strings.TrimSpace(name)}
	for _, l := range lexLines(" " + value) {
		d.tokens = append(d.tokens, l.tokens...)
	}
	f.defines = append(f.defines, d)
}

func (f *flags) path(flag, path string) error {
	if flag == "-include" {
		f.includes = append(f.includes, path)
		f.absolute = append(f.absolute, flag, path)
		return nil
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if flag == "-iquote" {
		f.quoted = append(f.quoted, path)
	} else {
		f.dirs = append(f.dirs, path)
	}
	f.absolute = append(f.absolute, flag, path)
	return nil
}

// find returns the file of one of the program's own headers, "name" or <name>; empty where it is none of them. dir is where
// the text that includes it is.
func (f *flags) find(header, dir string) string {
	name := header[1 : len(header)-1]
	var dirs []string
	if header[0] == '"' {
		dirs = append(dirs, dir)
		dirs = append(dirs, f.quoted...)
	}
	for _, d := range append(dirs, f.dirs...) {
		if d == "" {
			continue
		}
		path := filepath.Join(d, name)
		if filepath.IsAbs(name) {
			path = name
		}
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
			return path
		}
	}
	return ""
}
