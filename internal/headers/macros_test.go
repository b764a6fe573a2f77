package headers

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestUAPITables checks that each line of the tables is found: the search needs them sorted.
func TestUAPITables(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("uapi/*.txt")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		table := string(b)
		lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
		for _, l := range lines {
			if m := newMacro(l); m.name == "" || len(m.words) == 0 {
				t.Errorf("%s: %q", path, l)
			} else if got, ok := lookUp(table, m.name); !ok || got != l {
				t.Errorf("%s: %s: found %q", path, m.name, got)
			}
		}
		for _, name := range []string{"", "A", "zzz", "O_", "O_CREATX", "_"} {
			if got, ok := lookUp(table, name); ok {
				t.Errorf("%s: %q found as %q", path, name, got)
			}
		}
	}
	if _, ok := lookUp("", "A"); ok {
		t.Error("found in an empty table")
	}
}

func TestUAPIValues(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"EPERM": "EPERM 1", "ETH_P_IP": "ETH_P_IP 0x0800", "O_CREAT": "O_CREAT 00000100",
		"S_ISSOCK": "S_ISSOCK(m) (((m) & S_IFMT) == S_IFSOCK)", "TCP_NODELAY": "TCP_NODELAY 1"} {
		if m, ok := uapi(name); !ok || m.text != want {
			t.Errorf("%s: %q", name, m.text)
		}
	}
	if m, ok := uapi("sa_handler"); ok {
		t.Errorf("a name of a member: %q", m.text)
	}
}

// TestMacroTable compiles a program that names every macro of the table. A macro that is wrong as such would not compile;
// one that names others that are nowhere is found here.
func TestMacroTable(t *testing.T) {
	t.Parallel()
	table := macroTable()
	names := slices.Sorted(maps.Keys(table))
	source := "#define ALL " + strings.Join(names, " ") + "\nint prog(void *ctx) { return 0; }\n"
	complaints, tree := compile(t, &Request{Source: source})
	if complaints != "" {
		t.Error(complaints)
	}
	b, err := os.ReadFile(filepath.Join(tree.Dir, "include/linux", kernelFile))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\n#define "); n < len(names)*8/10 {
		t.Errorf("%d macros of %d", n, len(names))
	}
}

func TestMacroConditions(t *testing.T) {
	t.Parallel()
	table := map[string][]macro{}
	err := parseMacros(table, "#if has(struct a)\n#define A 1\n#if B\n#define A 2\n#endif\n#elif C\n#define A 3\n#else\n#define A(x) 4 # x\n#endif\n", true)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range table["A"] {
		text := m.text + " if"
		for _, c := range m.conditions {
			text += " "
			for _, tok := range c {
				text += tok.text
			}
		}
		got = append(got, text)
	}
	want := []string{"A 1 if has(structa)", "A 2 if has(structa) B", "A 3 if !(has(structa)) C", "A(x) 4 # x if !(has(structa)) !(C)"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, wrong := range []string{"#endif", "#else", "#if A\n#pragma x"} {
		if parseMacros(map[string][]macro{}, wrong, false) == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// TestOnlyNamedMacros checks that a macro comes only when it is meant.
func TestOnlyNamedMacros(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"int f(struct sock *sk) { return sk->sk_state; }":                       true,
		"int f(struct mine *m) { int sk_state = m->x; return sk_state; }":       false,
		"struct mine { int sk_state; }; int f(struct mine *m) { return m->x; }": false,
		"#define sk_state 3\nint f(void) { return sk_state; }":                  false,
		"int f(void) { return offsetof(struct sock, sk_state); }":               true,
		"int f(int sk_state) { return sk_state; }":                              false,
		"int f(void) { char *s = \"sk_state\"; return 0; /* sk_state */ }":      false,
	} {
		if _, err := FindLibrary(); err != nil {
			t.Skip(err)
		}
		if _, err := os.Stat(kernelBTFFile); err != nil {
			t.Skip("this kernel has no BTF:", err)
		}
		tree, err := Generate(t.TempDir(), &Request{Source: text})
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(tree.Dir, "include/linux", kernelFile))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "#define sk_state ") != want {
			t.Errorf("%s\nalias: %t", text, !want)
		}
	}
}
