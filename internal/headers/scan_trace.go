package headers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gobcc/bcc/internal/tracefs"
)

// tracepoints finds the tracepoints whose records the program reads, as category and event. Where one name may be split in
// several ways all are returned.
func tracepoints(source string, s *scan) (events [][2]string) {
	for w := range s.words {
		rest, ok := strings.CutPrefix(w, "tracepoint__")
		for at, tries := 0, 0; ok && tries < maxSplits; tries++ {
			n := strings.Index(rest[at:], "__")
			if n < 0 {
				break
			}
			events = append(events, [2]string{rest[:at+n], rest[at+n+2:]})
			at += n + 1
		}
	}
	if s.words["TRACEPOINT_PROBE"] {
		for _, l := range lexLines(source) {
			events = append(events, probes(l.tokens)...)
		}
	}
	slices.SortFunc(events, func(a, b [2]string) int { return strings.Compare(a[0]+" "+a[1], b[0]+" "+b[1]) })
	return events
}

// maxSplits is more than the "__" in the name of any tracepoint.
const maxSplits = 8

// probes finds TRACEPOINT_PROBE(category, event).
func probes(tokens []token) (events [][2]string) {
	for i, t := range tokens {
		if !t.is("TRACEPOINT_PROBE") || i+4 >= len(tokens) {
			continue
		}
		if category, event := tokens[i+2], tokens[i+4]; category.word() && event.word() && tokens[i+3].kind == ',' {
			events = append(events, [2]string{category.text, event.text})
		}
	}
	return events
}

// useTracepoints adds the types of the fields of tracepoints' records: libbcc makes structs of them.
func useTracepoints(s *scan, root string, events [][2]string) {
	if len(events) == 0 {
		return
	}
	if root == "" {
		var err error
		if root, err = tracefs.Root(); err != nil {
			return // libbcc will say so
		}
	}
	for _, e := range events {
		b, err := os.ReadFile(filepath.Join(root, "events", e[0], e[1], "format"))
		if err != nil {
			continue
		}
		for _, l := range strings.Split(string(b), "\n") {
			if _, field, ok := strings.Cut(l, "field:"); ok {
				field, _, _ = strings.Cut(field, ";")
				s.use(lexLines(" " + field)[0].tokens)
			}
		}
	}
}

// useIterators adds the records of the kernel's iterators: struct bpf_iter__task for BPF_ITER(task).
func useIterators(s *scan, source string) {
	for w := range s.words {
		if strings.HasPrefix(w, "bpf_iter__") {
			s.tags[tag{"struct", w}] = true
		}
	}
	if !s.words["BPF_ITER"] {
		return
	}
	for _, l := range lexLines(source) {
		for i, t := range l.tokens {
			if t.is("BPF_ITER") && i+2 < len(l.tokens) && l.tokens[i+2].word() {
				name := "bpf_iter__" + l.tokens[i+2].text
				s.words[name], s.tags[tag{"struct", name}] = true, true
			}
		}
	}
}
