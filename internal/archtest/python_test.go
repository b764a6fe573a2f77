package archtest

import (
	_ "embed"
	"fmt"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// python.txt has every public name of Python's bcc package, one a line, in the order of its source: the name with its
// module, a tab, and a status. No status: to be done, or done. What is done, the comments of the Go names say, in lines
// such as
//
//	Python: BPF.attach_kprobe, BPF(src_file=)
//
// which need no module. The other statuses are those of exclusions.
//
//go:embed python.txt
var pythonTable string

// pythonNames is how many classes, methods and functions the sources of Python's package define for its users.
const pythonNames = 311

// exclusions are the reasons for which a name may have nothing in Go.
var exclusions = map[string]string{
	"excluded: language": "belongs to Python: protocols, finalizers, ctypes, helpers for bytes and str, helpers of bcc itself",
	"excluded: obsolete": "deprecated or dead in BCC",
	"excluded: kernel":   "no kernel has it",
}

// A table has the status of each qualified name, and the qualified names by their short ones.
type table struct {
	names  []string
	status map[string]string
	full   map[string]string
}

// modules are the modules of Python's package that a name may start with, besides bcc itself.
var modules = regexp.MustCompile(`^bcc\.((table|usdt|utils|perf|syscall|containers|tcp|disassembler|exec|libbcc)\.)?`)

func readTable(text string) (*table, error) {
	t := &table{status: map[string]string{}, full: map[string]string{}}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		name, status, _ := strings.Cut(line, "\t")
		where := fmt.Sprintf("internal/archtest/python.txt:%d: %q", i+1, line)
		short := modules.ReplaceAllString(name, "")
		switch {
		case short == name || !claimForm.MatchString(short):
			return nil, fmt.Errorf("%s: not module.name, a tab, and a status", where)
		case status != "" && exclusions[status] == "":
			return nil, fmt.Errorf("%s: the status must be empty or one of %q", where, slices.Sorted(maps.Keys(exclusions)))
		case t.full[short] != "":
			return nil, fmt.Errorf("%s: there already", where)
		}
		t.names = append(t.names, name)
		t.status[name], t.full[short] = status, name
	}
	return t, nil
}

// claimForm is a name as a comment claims it, such as BPF.attach_kprobe or BPF.attach_kprobe(event_re=).
var claimForm = regexp.MustCompile(`^(\w+(?:\.\w+)*)(\(.*\))?$`)

// resolve finds the qualified name that a claim means. A class called with arguments means its constructor.
func (t *table) resolve(claim string) (string, error) {
	m := claimForm.FindStringSubmatch(claim)
	if m == nil {
		return "", fmt.Errorf("%q is not a name, or a name with (keyword=)", claim)
	}
	name, call := m[1], m[2] != ""
	if full := t.full[name]; full != "" {
		name = full
	}
	if _, ok := t.status[name]; !ok {
		return "", fmt.Errorf("%s is not in internal/archtest/python.txt", m[1])
	}
	if _, ok := t.status[name+".__init__"]; ok && call {
		name += ".__init__"
	}
	return name, nil
}

// claims finds the names in the "Python:" lines of a comment. A line that ends in a comma goes on in the next.
func claims(doc string) (names []string) {
	open := false
	for line := range strings.Lines(doc) {
		line = strings.TrimSpace(line)
		rest, starts := strings.CutPrefix(line, "Python:")
		if !starts && !open {
			continue
		}
		names = append(names, splitClaims(rest)...)
		open = strings.HasSuffix(rest, ",")
	}
	return names
}

// splitClaims splits at commas outside of parentheses.
func splitClaims(s string) (names []string) {
	depth := 0
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return r == ',' && depth == 0
	}) {
		if part = strings.TrimSpace(part); part != "" {
			names = append(names, part)
		}
	}
	return names
}

// A claim says that a Go name, or any of a group of constants, does what a name of Python does.
type claim struct {
	by     string // "module.Program.AttachLSM"
	ids    []string
	python string
	pos    token.Pos
}

// used tells whether a test has one of the identifiers in its code. A type is used by its methods and fields as well.
func (c claim) used(uses map[string]bool) bool {
	for _, id := range c.ids {
		if uses[id] || uses[id+".*"] {
			return true
		}
	}
	return false
}

// allClaims reads the claims of all names that users can reach, and fails those that nobody reaches.
func allClaims(t *testing.T) (all []claim) {
	t.Helper()
	for _, s := range sources(t) {
		if s.test || s.file.Name.Name == "main" {
			continue
		}
		counted := map[string]bool{} // the groups' claims are in each of their names
		reached := map[string]bool{}
		if s.public() {
			for _, n := range exported(s.file) {
				reached[n.doc] = true
				ids := make([]string, len(n.ids))
				for i, id := range n.ids {
					ids[i] = s.pkg() + "." + id
				}
				for _, python := range claims(n.doc) {
					if key := python + " " + strings.Join(ids, " "); !counted[key] {
						counted[key] = true
						all = append(all, claim{s.file.Name.Name + "." + n.String(), ids, python, n.pos})
					}
				}
			}
		}
		for _, c := range s.file.Comments {
			if len(claims(c.Text())) > 0 && !reached[c.Text()] {
				t.Errorf("%s: \"Python:\" counts only in the doc comment of an exported name outside internal/", at(c.Pos()))
			}
		}
	}
	return all
}

// testUses finds what tests have in their code, and the programs in examples/ that have a test: "path.Name",
// "path.Type.Member", and for the latter also "path.Type.*".
func testUses(t *testing.T) map[string]bool {
	t.Helper()
	tested := map[string]bool{}
	for dir, files := range folders(t) {
		hasTest := slices.ContainsFunc(files, func(s *source) bool { return s.test })
		tested[importPath(dir)] = strings.HasPrefix(dir, "examples/") && hasTest
	}
	uses := map[string]bool{}
	for _, l := range own(t, func(l *listed) bool { return l.tests() || tested[l.path()] }) {
		c := check(l)
		c.report(t, l)
		owners := fields{}
		for id, obj := range c.uses {
			if !inTest(id.Pos()) && !tested[l.path()] {
				continue
			}
			name := owners.object(obj)
			uses[name] = true
			if i := strings.LastIndexByte(name, '.'); i > 0 && isMember(obj) {
				uses[name[:i]+".*"] = true
			}
		}
	}
	return uses
}

func TestPython(t *testing.T) {
	t.Parallel()
	names, err := readTable(pythonTable)
	if err != nil {
		t.Fatal(err)
	}
	if len(names.names) != pythonNames {
		t.Errorf("internal/archtest/python.txt:1: %d names, want %d: a name is never taken out", len(names.names), pythonNames)
	}
	uses := testUses(t)
	implemented := map[string]bool{}
	for _, c := range allClaims(t) {
		name, err := names.resolve(c.python)
		switch {
		case err != nil:
			t.Errorf("%s: %s: %v", at(c.pos), c.by, err)
		case names.status[name] != "":
			t.Errorf("%s: %s claims Python: %s but internal/archtest/python.txt has it %s", at(c.pos), c.by, c.python, names.status[name])
		case !c.used(uses):
			t.Errorf("%s: %s claims Python: %s but no test uses it", at(c.pos), c.by, c.python)
		default:
			implemented[name] = true
		}
	}
	names.log(t, implemented)
}

func (t *table) log(tb testing.TB, implemented map[string]bool) {
	tb.Helper()
	excluded := map[string]int{}
	pending, lines := 0, map[string]string{}
	for _, name := range t.names {
		switch status := t.status[name]; {
		case status != "":
			excluded[strings.TrimPrefix(status, "excluded: ")]++
		case !implemented[name]:
			module := modules.FindString(name)
			lines[module] += " " + strings.TrimPrefix(name, module)
			pending++
		}
	}
	tb.Logf("Python's %d names: %d implemented, %d pending, %d excluded %v",
		len(t.names), len(implemented), pending, len(t.names)-len(implemented)-pending, excluded)
	if testing.Verbose() {
		for _, module := range slices.Sorted(maps.Keys(lines)) {
			tb.Logf("pending in %s:%s", strings.TrimSuffix(module, "."), lines[module])
		}
	}
}

func TestReadTable(t *testing.T) {
	t.Parallel()
	for text, wrong := range map[string]bool{
		"bcc.BPF\t\nbcc.table.Table\texcluded: language\n": false,
		"bcc.BPF\n":                          false,
		"bcc.BPF\texcluded: hard\n":          true,
		"BPF\t\n":                            true,
		"bcc.BPF\t\nbcc.table.BPF\t\n":       true,
		"bcc.BPF\t\n\nbcc.table.Table\t\n":   true,
		"bcc.BPF\texcluded: kernel\textra\n": true,
		"bcc.BPF \t\n":                       true,
		"bcc.libbcc.x\texcluded: obsolete\n": false,
	} {
		if _, err := readTable(text); (err != nil) != wrong {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	names, err := readTable("bcc.BPF\t\nbcc.BPF.__init__\t\nbcc.BPF.close\t\nbcc.perf.Perf\t\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ doc, want string }{
		{"F does. Python: BPF\n", "[]"},
		{"F does.\n\nPython: BPF, bcc.BPF.close\n", "[bcc.BPF bcc.BPF.close]"},
		{"Python: BPF(text=, debug=0),\nPerf(x=)\nNot: this", "[bcc.BPF.__init__ bcc.perf.Perf]"},
		{"Python: BPF.open\n", "[BPF.open is not in internal/archtest/python.txt]"},
		{"Python: BPF.close or so\n", `["BPF.close or so" is not a name, or a name with (keyword=)]`},
	} {
		got := []string{}
		for _, name := range claims(c.doc) {
			full, err := names.resolve(name)
			if err != nil {
				full = err.Error()
			}
			got = append(got, full)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%q: %v, want %v", c.doc, got, c.want)
		}
	}
}
