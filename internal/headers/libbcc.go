package headers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := embeddedText(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return scanProvided(text)
}

// embeddedText finds the header in a file of some megabytes, of which it holds a window at a time. The header ends with a
// NUL.
func embeddedText(r io.Reader) (string, error) {
	const window = 64 << 10
	overlap := len(guards[0]) // a guard may stand across two windows
	var text []byte
	b := make([]byte, overlap+window)
	for kept := 0; ; {
		n, err := io.ReadFull(r, b[kept:])
		read := b[:kept+n]
		if text == nil {
			if i := guardIn(read); i >= 0 {
				text, read = []byte{}, read[i:]
			}
		} else {
			read = b[kept : kept+n]
		}
		if text != nil {
			part, _, ended := bytes.Cut(read, []byte{0})
			text = append(text, part...)
			if ended {
				return string(text), nil
			}
		}
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			return "", ErrLibrary
		case err != nil:
			return "", err
		}
		kept = copy(b, b[len(b)-overlap:])
	}
}

func guardIn(b []byte) int {
	for _, g := range guards {
		if i := bytes.Index(b, []byte(g)); i >= 0 {
			return i
		}
	}
	return -1
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
