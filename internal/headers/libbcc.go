package headers

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gobcc/bcc/internal/userspace"
)

// ErrLibrary means that a libbcc does not hold the header that is expected in it.
var ErrLibrary = errors.New("no bpf.h in libbcc")

// FindLibrary returns the file of the libbcc that compiles.
func FindLibrary() (string, error) { return userspace.FindLibrary("bcc", 0) }

// provided is what libbcc's own bpf.h defines. It is compiled into the library, and is that of the kernel that was new when
// the library was; so it decides for all that it has.
type provided struct {
	tags   map[string]string // keyword by tag
	words  map[string]bool   // enumerators
	macros map[string]bool
}

// guards begin the header: libbcc had the second before 0.10.
var guards = []string{"#ifndef _UAPI__LINUX_BPF_H__\n", "#ifndef __LINUX_BPF_H__\n"}

// readLibrary reads what a libbcc provides.
func readLibrary(path string) (*provided, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for _, g := range guards {
		if i := bytes.Index(b, []byte(g)); i >= 0 {
			text, _, _ := bytes.Cut(b[i:], []byte{0})
			return scanProvided(string(text))
		}
	}
	return nil, fmt.Errorf("%s: %w", path, ErrLibrary)
}

func scanProvided(text string) (*provided, error) {
	s, err := scanProgram(text, "", flags{}, version{}, "")
	if err != nil {
		return nil, err
	}
	p := &provided{tags: s.ownTags, words: s.ownWords, macros: map[string]bool{}}
	for name, m := range s.macros {
		p.macros[name] = m.defines
		if strings.HasSuffix(name, "BPF_FUNC_MAPPER") {
			p.functions(m.value)
		}
	}
	return p, nil
}

// functions adds the enumerators that the list of helper functions, FN(name) FN(name, number) ..., is expanded to.
func (p *provided) functions(list []token) {
	for i, t := range list {
		if t.is("FN") && i+2 < len(list) && list[i+1].kind == '(' && list[i+2].word() {
			p.words["BPF_FUNC_"+list[i+2].text] = true
		}
	}
}
