package headers

import "strings"

// A token is one word, number, literal or punctuation mark of C text. Literals are only ever compared with "\"".
type token struct {
	text string
	kind byte // 'w' word, 'n' number, '"' string or character, otherwise the mark itself
}

func (t token) is(text string) bool { return t.kind != '"' && t.text == text }
func (t token) word() bool          { return t.kind == 'w' }

// A line is a preprocessor directive, or code up to the next one.
type line struct {
	directive string // "define", "include"; empty for code
	tokens    []token
	header    string // of an include: <linux/fs.h> or "mine.h", with what encloses it
}

// A lexer splits C text into tokens. It needs no valid C: what it does not understand is punctuation.
type lexer struct {
	text string
	at   int
}

// lexLines splits a text into directives and code between them.
func lexLines(text string) []line {
	l := lexer{text: joinLines(text)}
	var lines []line
	var code []token
	fresh := true // nothing but space and comments since the start of the line
	for {
		t, newline := l.next(false)
		fresh = fresh || newline
		if t.kind == 0 {
			break
		}
		if t.kind != '#' || !fresh {
			code, fresh = append(code, t), false
			continue
		}
		if len(code) > 0 {
			lines, code = append(lines, line{tokens: code}), nil
		}
		lines = append(lines, l.directive())
		fresh = true
	}
	return append(lines, line{tokens: code})
}

// joinLines does away with backslashes at ends of lines.
func joinLines(text string) string {
	if !strings.Contains(text, "\\") {
		return text
	}
	return strings.NewReplacer("\\\n", "", "\\\r\n", "").Replace(text)
}

// directive takes the rest of a line that begins with #.
func (l *lexer) directive() line {
	var d line
	if t, end := l.next(true); !end {
		d.directive = t.text
	} else {
		return d
	}
	if d.directive == "include" || d.directive == "include_next" || d.directive == "import" {
		d.header = l.header()
	}
	for {
		t, end := l.next(true)
		if end {
			return d
		}
		d.tokens = append(d.tokens, t)
	}
}

// header takes <name> or "name", where it is next.
func (l *lexer) header() string {
	for l.at < len(l.text) && (l.text[l.at] == ' ' || l.text[l.at] == '\t') {
		l.at++
	}
	rest := l.text[l.at:]
	closing := map[byte]byte{'<': '>', '"': '"'}
	if rest == "" || closing[rest[0]] == 0 {
		return ""
	}
	n := strings.IndexAny(rest[1:], string(closing[rest[0]])+"\n")
	if n < 0 || rest[1+n] == '\n' {
		return ""
	}
	l.at += n + 2
	return rest[:n+2]
}

// next takes the next token; kind 0 at the end of the text. newline says that lines ended before it. With inLine it stops at
// the end of the line instead.
func (l *lexer) next(inLine bool) (t token, newline bool) {
	for l.at < len(l.text) {
		c := l.text[l.at]
		switch {
		case c == '\n':
			if inLine {
				return token{}, true
			}
			newline = true
			l.at++
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			l.at++
		case strings.HasPrefix(l.text[l.at:], "//"):
			l.skipTo("\n", 0)
		case strings.HasPrefix(l.text[l.at:], "/*"):
			l.at += 2
			l.skipTo("*/", 2)
		default:
			return l.take(c), newline
		}
	}
	return token{}, true
}

func (l *lexer) skipTo(mark string, more int) {
	n := strings.Index(l.text[l.at:], mark)
	if n < 0 {
		l.at = len(l.text)
		return
	}
	l.at += n + more
}

func (l *lexer) take(c byte) token {
	start := l.at
	switch {
	case c == '"' || c == '\'':
		l.at++
		for l.at < len(l.text) && l.text[l.at] != '\n' {
			b := l.text[l.at]
			if l.at++; b == c {
				break
			}
			if b == '\\' && l.at < len(l.text) {
				l.at++
			}
		}
		return token{l.text[start:min(l.at, len(l.text))], '"'}
	case isWordByte(c):
		for l.at < len(l.text) && isWordByte(l.text[l.at]) {
			l.at++
		}
		kind := byte('w')
		if isDigit(c) {
			kind = 'n'
		}
		return token{l.text[start:l.at], kind}
	}
	for _, mark := range marks {
		if strings.HasPrefix(l.text[l.at:], mark) {
			l.at += len(mark)
			return token{mark, mark[0]}
		}
	}
	l.at++
	return token{l.text[start:l.at], c}
}

// marks are the punctuation marks of more than one character that matter here.
var marks = []string{"->", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>"}
