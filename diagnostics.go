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
	leftOut = regexp.MustCompile(`(?m)^specified path .* is not on BPF FS$`)
)

// parseDiagnostics reads clang's messages out of what a compilation printed, and puts the caller's file name and lines
// into them.
func parseDiagnostics(output, name, source string) []Diagnostic {
	lines := strings.Split(output, "\n")
	var found []Diagnostic
	var shift *lineShift
	for i := 0; i < len(lines); i++ {
		line := lines[i]
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
			d.File, d.Line = name, shift.line(d.Line, quoted(lines[i+1:]))
		}
		found = append(found, d)
		if quoted(lines[i+1:]) != "" {
			i++ // the source's line may look like a message: a label named error
		}
	}
	return found
}

// quotePrefix is what clang 17 and later put before a source line that they quote.
var quotePrefix = regexp.MustCompile(`^ *\d+ \| `)

// quoted is the source line that clang quotes after a message, "" where it quotes none.
func quoted(after []string) string {
	if len(after) == 0 || placed.MatchString(after[0]) {
		return ""
	}
	return quotePrefix.ReplaceAllString(after[0], "")
}

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

// tracepoint is one that a source names, and where.
type tracepoint struct {
	category, event string
	line            int
}

// tracepointsOf returns the uses of tracepoints in the order of the source.
func tracepointsOf(source string) []tracepoint {
	var found []tracepoint
	for _, m := range tracepointUse.FindAllStringSubmatchIndex(source, -1) {
		group := 2
		if m[group] < 0 {
			group = 6
		}
		found = append(found, tracepoint{source[m[group]:m[group+1]], source[m[group+2]:m[group+3]],
			1 + strings.Count(source[:m[0]], "\n")})
	}
	return found
}

func newLineShift(source string) *lineShift {
	s := &lineShift{source: strings.Split(source, "\n")}
	lines := map[string]int{}
	for _, tp := range tracepointsOf(source) {
		name := tp.category + ":" + tp.event
		if _, known := lines[name]; !known {
			lines[name] = structLines(tp)
		}
		s.inserted = append(s.inserted, [2]int{tp.line, lines[name]})
	}
	return s
}

// structLines is how many lines the struct of a tracepoint has that libbcc inserts: one for each field and for each byte
// of padding between fields, the first and the last line, and one field in place of the common ones. 0 where there is no
// such tracepoint.
func structLines(tp tracepoint) int {
	if !tracefs.Exists(tp.category, tp.event) {
		return 0
	}
	format, err := tracefs.ReadFormat(tp.category, tp.event)
	if err != nil {
		return 0
	}
	const commonSize = 8
	lines, end := 3, commonSize
	for _, f := range format.Fields {
		if f.Common {
			continue
		}
		lines += 1 + max(0, f.Offset-end)
		end = f.Offset + f.Size
	}
	return lines
}

// line returns the caller's line for one that clang names, of which it quotes the text. The text decides where the
// reckoning does not lead to it: then it is the nearest line that has it.
func (s *lineShift) line(n int, quoted string) int {
	reckoned := n
	for _, in := range s.inserted {
		if reckoned >= in[0]+in[1] {
			reckoned -= in[1]
		}
	}
	for away := range len(s.source) {
		if s.has(reckoned-away, quoted) {
			return reckoned - away
		}
		if s.has(reckoned+away, quoted) {
			return reckoned + away
		}
	}
	return min(reckoned, len(s.source))
}

func (s *lineShift) has(n int, quoted string) bool {
	return n >= 1 && n <= len(s.source) && strings.TrimSpace(s.source[n-1]) == strings.TrimSpace(quoted)
}
