package headers

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func scanText(t *testing.T, text string, cflags ...string) *scan {
	t.Helper()
	f, err := parseFlags(cflags)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scanProgram(text, "", f, version{5, 10, 3}, "\nCONFIG_ON=y\nCONFIG_MODULE=m\nCONFIG_HZ=250\n")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func keys[K comparable, V any](m map[K]V, less func(a, b K) int) []K {
	return slices.SortedFunc(maps.Keys(m), less)
}

func TestOwnNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // its own words, and its own tags
		"typedef int a;":                                                                     "a |",
		"typedef struct { int x; } a, b[2];":                                                 "a b |",
		"typedef struct s { void (*cb)(int); } a;":                                           "a | s",
		"typedef int (*fn)(struct x *);":                                                     "fn |",
		"typedef struct x a __attribute__((packed));":                                        "a |",
		"struct s { struct in { int y; } z; };":                                              "| in s",
		"struct __attribute__((packed)) s { int x; };":                                       "| s",
		"struct s __attribute__((aligned(8))) { int x; };":                                   "| s",
		"union u { int x; } __attribute__((packed));":                                        "| u",
		"enum e { A, B = 3, C = A + B };":                                                    "A B C | e",
		"enum { A };":                                                                        "A |",
		"struct s;":                                                                          "|",
		"int f(struct s *p) { struct local { int x; } y; return 0; }":                        "f |",
		"static inline __always_inline struct s *f(void) { return 0; }":                      "f |",
		"u64 (f)(int); static int v = 3; char t[4], u;":                                      "f t v |",
		"BPF_HASH(name, u32, u64);":                                                          "name |",
		`BPF_TABLE("hash", struct k, u64, name, 1024);`:                                      "name |",
		"BPF_PERF_OUTPUT(events); int f(void *ctx) { return 0; }":                            "events f |",
		"TRACEPOINT_PROBE(c, e) { int v = 0; return v; }":                                    "c |",
		"// struct s { };\n/* enum { A } */ int f(char *s) { s = \"struct q { int x; }\"; }": "f |",
		"int f() { if (x) { y = z; } g(2); }":                                                "f |",
		"}}} ) struct s { int x; };":                                                         "| s",
		"#define M(x) struct m { int x; }\n":                                                 "|",
		"struct s { int x;\n#ifdef Q\nint y;\n#endif\n}; typedef long l;":                    "l | s",
	} {
		s := scanText(t, text)
		got := strings.Join(keys(s.ownWords, strings.Compare), " ") + " | " + strings.Join(keys(s.ownTags, strings.Compare), " ")
		if got = strings.TrimSpace(got); got != want {
			t.Errorf("%s\n%q, want %q", text, got, want)
		}
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	s := scanText(t, `struct s { u32 *a; int b : 3; unsigned char c[4]; };
int f(struct x *d, u64 e) { u64 g = 1; const struct y **h; g = 2 * NSEC_PER_SEC; x = (g * HZ); return TASK_DEAD; p->i = 3; }`)
	if got := strings.Join(keys(s.members, strings.Compare), " "); got != "a b c d e g h" {
		t.Errorf("members %s", got)
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string]verdict{
		"#if 1": yes,
		"#if 0": no,
		"#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 10, 0)": yes,
		"#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 10, 4)": no,
		"#ifdef CONFIG_ON":                            yes,
		"#ifdef CONFIG_OFF":                           no,
		"#ifndef CONFIG_OFF":                          yes,
		"#if defined(CONFIG_MODULE)":                  no,
		"#if CONFIG_HZ":                               unknown,
		"#if defined CONFIG_ON && !defined(NOBODY)":   unknown,
		"#if defined(CONFIG_OFF) && NOBODY":           no,
		"#if defined(CONFIG_ON) || NOBODY(1, (2))":    yes,
		"#if FLAG == 3":                               yes,
		"#if FLAG + 1 == 2 * 2 && (1 << 4) == 0x10UL": yes,
		"#if FLAG > 3 ? 1 : 0":                        no,
		"#if SELF":                                    unknown,
		"#if (((":                                     unknown,
		"#if 1 / 0":                                   unknown,
		"#if":                                         unknown,
		"#if -1 < 0 && ~0 == -1 && !0":                yes,
		"#ifdef MADE":                                 yes,
		"#ifdef GONE":                                 no,
	} {
		text := "#define MADE\n#define GONE\n#undef GONE\n#define SELF SELF\n"
		s := scanText(t, text+condition+"\nint a(void);\n#else\nint b(void);\n#endif\nint c(void);\n", "-DFLAG=3")
		got := unknown
		switch {
		case s.ownWords["a"] && !s.ownWords["b"]:
			got = yes
		case !s.ownWords["a"] && s.ownWords["b"]:
			got = no
		}
		if got != want || !s.ownWords["c"] {
			t.Errorf("%s: %d, want %d", condition, got, want)
		}
	}
}

func TestElif(t *testing.T) {
	t.Parallel()
	s := scanText(t, "#if 0\nint a(void);\n#elif 1\nint b(void);\n#elif 1\nint c(void);\n#else\nint d(void);\n#endif\n"+
		"#if 0\n#if 1\nint e(void);\n#endif\n#endif\n#endif\n#else\nint f(void);")
	if got := strings.Join(keys(s.ownWords, strings.Compare), " "); got != "b f" {
		t.Errorf("seen: %s", got)
	}
}

func TestMacroUse(t *testing.T) {
	t.Parallel()
	s := scanText(t, "#define A 1\n#ifndef B\n#define B 2\n#endif\n#undef C\n#define C 3\n#define D(x) x\\\n + E\nint x = D(F);\n", "-DG", "-D", "H=f(I)")
	for name, want := range map[string]bool{"A": true, "B": false, "C": false, "D": true, "E": false, "G": true, "H": true} {
		if s.owns(name) != want {
			t.Errorf("owns %s: %t", name, !want)
		}
	}
	for _, w := range []string{"D", "E", "F", "I"} {
		if !s.words[w] {
			t.Errorf("%s is not used", w)
		}
	}
	if s.words["A"] {
		t.Error("A is used")
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	f, err := parseFlags([]string{"-Isub", "-I", "/abs", "-iquote", "q", "-D", "A=1", "-DB", "-include", "x.h", "-O2", "-Wall", "-I"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"-I", here + "/sub", "-I", "/abs", "-iquote", here + "/q", "-D", "A=1", "-DB", "-include", "x.h", "-O2", "-Wall", "-I"}
	if !slices.Equal(f.absolute, want) {
		t.Errorf("%q, want %q", f.absolute, want)
	}
	if len(f.defines) != 2 || len(f.includes) != 1 || len(f.dirs) != 2 || len(f.quoted) != 1 {
		t.Errorf("%+v", f)
	}
}

// TestOwnHeaders checks which headers are the program's: those are read, and not emptied.
func TestOwnHeaders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"src/near.h":        "#include <linux/fs.h>\n#include \"near.h\"\nint near(void);\n#if 1\n",
		"inc/far.h":         "#include \"sub/deep.h\"\nint far(void);",
		"inc/sub/deep.h":    "int deep(void);\n#include \"beside.h\"\n",
		"inc/sub/beside.h":  "int beside(void);",
		"inc/linux/sched.h": "int ours(void);",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := parseFlags([]string{"-I" + dir + "/inc"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := scanProgram("#include \"near.h\"\n#include <far.h>\n#include <linux/sched.h>\n#include <near.h>\n#include MACRO\n#include <x\nint end(void);",
		dir+"/src", f, version{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(keys(s.ownWords, strings.Compare), " "); got != "beside deep end far near ours" {
		t.Errorf("seen: %s", got)
	}
	if want := []string{"<linux/fs.h>", "<near.h>"}; !slices.Equal(s.includes, want) {
		t.Errorf("others: %q, want %q", s.includes, want)
	}
}

func TestKernelHeaders(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"linux/fs.h": true, "vmlinux.h": true, "stdint.h": true, "mine.h": false, "bcc/proto.h": false,
		"../x/y.h": false, "/etc/passwd": false, "kernel/sched/sched.h": true} {
		if isKernelHeader(name) != want {
			t.Errorf("%s: %t", name, !want)
		}
	}
}

func TestTracepointNames(t *testing.T) {
	t.Parallel()
	text := "TRACEPOINT_PROBE(a, b) {}\nint tracepoint__c__d__e(struct tracepoint__c__d__e *x) {}\nTRACEPOINT_PROBE(\"q\", r) TRACEPOINT_PROBE("
	got := tracepoints(text, scanText(t, text))
	if want := [][2]string{{"a", "b"}, {"c", "d__e"}, {"c__d", "e"}}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
