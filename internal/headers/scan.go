package headers

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The limits of what a program's own headers may be, against inclusions without end.
const (
	maxHeaders     = 1000
	maxHeaderBytes = 32 << 20
)

// A scanner reads a program's text and those headers of it that are not the kernel's.
type scanner struct {
	*scan
	cond    conditions
	version version
	config  config
	flags   flags
	read    map[string]bool // headers
	bytes   int
	nested  int // in macros, while a condition is evaluated
	looked  int // at macros, for one condition
}

// scanProgram scans a program and what its flags define. dir is where headers in quotes are looked for first.
func scanProgram(source, dir string, f flags, v version, c config) (*scan, error) {
	s := &scanner{scan: newScan(), version: v, config: c, flags: f, read: map[string]bool{}}
	s.cond = conditions{have: s.have, eval: s.evaluate}
	for _, d := range f.defines {
		s.use(d.tokens)
		s.macros[d.name] = macroUse{defines: true, value: d.tokens}
	}
	for _, header := range f.includes {
		if err := s.include(`"`+header+`"`, dir); err != nil {
			return nil, err
		}
	}
	return s.scan, s.text(source, dir)
}

// text scans one text. What is its own is found in all of its code at once: a declaration may have conditions inside.
func (s *scanner) text(text, dir string) error {
	var code []token
	for _, l := range lexLines(text) {
		if s.cond.directive(l) {
			s.use(l.tokens)
			continue
		}
		if s.cond.now() == no {
			continue
		}
		if l.directive == "" {
			s.use(l.tokens)
			code = append(code, l.tokens...)
		} else if err := s.directive(l, dir); err != nil {
			return err
		}
	}
	s.own(code)
	return nil
}

func (s *scanner) directive(l line, dir string) error {
	switch l.directive {
	case "define":
		s.define(l)
	case "undef":
		if len(l.tokens) > 0 {
			s.macros[l.tokens[0].text] = macroUse{yields: true}
		}
	case "include", "include_next", "import":
		if l.header != "" {
			return s.include(l.header, dir)
		}
	}
	return nil
}

// define notes a macro. One that is defined where nobody else did, or after #undef, leaves room for the kernel's.
func (s *scanner) define(l line) {
	if len(l.tokens) == 0 {
		return
	}
	name := l.tokens[0].text
	s.use(l.tokens[1:])
	m := macroUse{defines: true, value: l.tokens[1:], yields: s.macros[name].yields || s.words[name] && s.cond.now() == unknown}
	m.params = len(m.value) > 0 && m.value[0].kind == '('
	s.macros[name] = m
}

// have tells whether a macro is defined, as far as that is known.
func (s *scanner) have(name string) verdict {
	if m, ok := s.macros[name]; ok {
		if m.defines && m.yields {
			return unknown
		}
		return truth(m.defines)
	}
	switch {
	case name == "LINUX_VERSION_CODE", name == "KERNEL_VERSION", name == "__KERNEL__", name == "__BPF_TRACING__":
		return yes
	case name == machineMacro[runtime.GOARCH]:
		return yes
	case strings.HasPrefix(name, "CONFIG_") && s.config != "":
		return truth(s.config.define(name) == "#define "+name+" 1\n" || s.isOther(name))
	}
	return unknown
}

// isOther tells whether an option is set to something else than y or m.
func (s *scanner) isOther(name string) bool {
	v, ok := s.config.get(name)
	return ok && v != "y" && v != "m"
}

// machineMacro is what compilers define for a machine.
var machineMacro = map[string]string{"amd64": "__x86_64__", "arm64": "__aarch64__"}

// value is the value of a macro without parameters.
func (s *scanner) value(name string) (value, bool) {
	if name == "LINUX_VERSION_CODE" {
		return value{int64(s.version.code()), true}, true
	}
	m, ok := s.macros[name]
	switch {
	case ok && m.defines && !m.params:
		return s.macroValue(m), true
	case s.have(name) == no: // which C takes as 0
		return value{0, true}, true
	}
	if v, ok := s.config.get(name); ok && v == "y" {
		return value{1, true}, true
	}
	return value{}, false
}

// The limits of evaluating one condition: macros in macros, and all of them.
const (
	maxNested = 25
	maxLooked = 1000
)

func (s *scanner) evaluate(condition []token) verdict {
	s.looked = 0
	return evaluate(condition, s.value, s.have)
}

func (s *scanner) macroValue(m macroUse) value {
	if s.looked++; s.nested >= maxNested || s.looked > maxLooked {
		return value{}
	}
	s.nested++
	defer func() { s.nested-- }()
	e := expression{tokens: m.value, lookup: s.value, have: s.have}
	v := e.ternary()
	return value{v.n, v.known && len(e.tokens) == 0}
}

// include scans one of the program's own headers, and notes the name of one that it cannot find.
func (s *scanner) include(header, dir string) error {
	path := s.flags.find(header, dir)
	if path == "" {
		s.includes = append(s.includes, header)
		return nil
	}
	if s.read[path] {
		return nil
	}
	if s.read[path] = true; len(s.read) > maxHeaders {
		return fmt.Errorf("the program includes more than %d headers of its own", maxHeaders)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if s.bytes += len(b); s.bytes > maxHeaderBytes {
		return fmt.Errorf("the program's own headers have more than %d bytes", maxHeaderBytes)
	}
	outer := s.cond.open // conditions end with the file that they are in
	s.cond.open = []condition{{outer: s.cond.now(), taken: yes, now: s.cond.now()}}
	err = s.text(string(b), filepath.Dir(path))
	s.cond.open = outer
	return err
}
