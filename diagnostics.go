package bcc

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gobcc/bcc/internal/tracefs"
	"github.com/gobcc/bcc/module"
)

// mainFile is what libbcc calls the source text.
const mainFile = "/virtual/main.c"

var (
	placed   = regexp.MustCompile(`^(.+?):(\d+):(\d+): (fatal error|error|warning|note|remark): (.*)$`)
	unplaced = regexp.MustCompile(`^(fatal error|error|warning|note|remark): (.*)$`)
	// What libbcc says, without refusing the source, when it leaves a table out.
	leftOut = regexp.MustCompile(`^specified path .* is not on BPF FS$`)
)

// parseDiagnostics reads clang's messages out of what a compilation printed, and puts the caller's file name and lines
// into them.
func parseDiagnostics(output, name, source string) []Diagnostic {
	lines := strings.Split(output, "\n")
	var found []Diagnostic
	var shift *lineShift
	for i, line := range lines {
		if m := unplaced.FindStringSubmatch(line); m != nil {
			found = append(found, Diagnostic{Severity: severity(m[1]), Message: m[2]})
			continue
		}
		if leftOut.MatchString(line) {
			found = append(found, Diagnostic{Severity: module.SeverityError, Message: line})
			continue
		}
		m := placed.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		d := Diagnostic{File: m[1], Severity: severity(m[4]), Message: m[5]}
		d.Line, _ = strconv.Atoi(m[2])
		d.Column, _ = strconv.Atoi(m[3])
		if d.File == mainFile {
			if shift == nil {
				shift = newLineShift(source)
			}
			quoted := ""
			if i+1 < len(lines) {
				quoted = lines[i+1]
			}
			d.File, d.Line = name, shift.line(d.Line, quoted)
		}
		found = append(found, d)
	}
	return found
}

func isError(d Diagnostic) bool { return d.Severity == module.SeverityError }

func severity(s string) module.Severity {
	if s == "remark" {
		return module.SeverityNote
	}
	return module.Severity(strings.TrimPrefix(s, "fatal "))
}

// lineShift undoes what libbcc does to line numbers: before each function of a tracepoint it inserts a struct with the
// tracepoint's arguments.
type lineShift struct {
	source []string
	// inserted has a position for each struct: the caller's line before which it stands, and its number of lines.
	inserted [][2]int
}

var tracepointUse = regexp.MustCompile(`TRACEPOINT_PROBE\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)|struct\s+tracepoint__(\w+?)__(\w+)\s*\*`)

// linesAroundFields are those of the inserted struct that are no field: its first line, a padding field, its last line.
const linesAroundFields = 3

// tracepoint is one that a source names, and where.
type tracepoint struct {
	category, event string
	line            int
}

// tracepointsOf returns each tracepoint once.
func tracepointsOf(source string) []tracepoint {
	var found []tracepoint
	seen := map[string]bool{}
	for _, m := range tracepointUse.FindAllStringSubmatchIndex(source, -1) {
		group := 2
		if m[group] < 0 {
			group = 6
		}
		tp := tracepoint{source[m[group]:m[group+1]], source[m[group+2]:m[group+3]], 1 + strings.Count(source[:m[0]], "\n")}
		if name := tp.category + ":" + tp.event; !seen[name] {
			seen[name] = true
			found = append(found, tp)
		}
	}
	return found
}

func newLineShift(source string) *lineShift {
	s := &lineShift{source: strings.Split(source, "\n")}
	for _, tp := range tracepointsOf(source) {
		format, err := tracefs.ReadFormat(tp.category, tp.event)
		if err != nil {
			continue
		}
		lines := linesAroundFields
		for _, f := range format.Fields {
			if !f.Common {
				lines++
			}
		}
		s.inserted = append(s.inserted, [2]int{tp.line, lines})
	}
	return s
}

// line returns the caller's line for one that clang names, of which it quotes the text. The text decides where the
// reckoning does not lead to it: then it is the nearest line before that has it.
func (s *lineShift) line(n int, quoted string) int {
	reckoned := n
	for _, in := range s.inserted {
		if reckoned >= in[0]+in[1] {
			reckoned -= in[1]
		}
	}
	if s.has(reckoned, quoted) {
		return reckoned
	}
	for l := min(n, len(s.source)); l > 0; l-- {
		if s.has(l, quoted) {
			return l
		}
	}
	return min(reckoned, len(s.source))
}

func (s *lineShift) has(n int, quoted string) bool {
	return n >= 1 && n <= len(s.source) && strings.TrimSpace(s.source[n-1]) == strings.TrimSpace(quoted)
}
