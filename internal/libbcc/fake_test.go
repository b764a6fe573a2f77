//go:build linux && cgo

package libbcc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// deadline bounds what must end by itself: generously, the machine may be busy.
const deadline = 60 * time.Second

// gcc runs the C compiler in this folder.
func gcc(t testing.TB, args ...string) {
	t.Helper()
	path, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc")
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc %q: %v\n%s", args, err, out)
	}
}

// fake builds testdata/fakebcc.c and returns the environment in which the child finds that instead of libbcc.
func fake(t testing.TB) []string {
	t.Helper()
	return fakeIn(t, t.TempDir())
}

func fakeIn(t testing.TB, dir string) []string {
	t.Helper()
	gcc(t, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-result", "-fvisibility=hidden", "-o", filepath.Join(dir, "libbcc.so.0"),
		"testdata/fakebcc.c")
	// For "go test -asan": what libbcc leaves allocated when its destructors have run is not its business, and the child
	// is to end by the signals that the tests expect.
	return []string{"LD_LIBRARY_PATH=" + dir, "ASAN_OPTIONS=detect_leaks=0:handle_segv=0"}
}

// fails makes the fake fail somewhere.
func fails(env []string, stage, fault string) []string {
	return append(env[:len(env):len(env)], "FAKE_STAGE="+stage, "FAKE_FAULT="+fault)
}

// helpers are what this executable does instead of its tests, in TestHelper, where the environment names one.
var helpers = map[string]func(t *testing.T){}

const helperEnv = "GOBCC_LIBBCC_HELPER"

func TestHelper(t *testing.T) {
	name := os.Getenv(helperEnv)
	if name == "" {
		t.Skip("runs for other tests")
	}
	helpers[name](t)
}

// helper makes a command of this executable that runs one of helpers.
func helper(name string, env ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestHelper$", "-test.v")
	cmd.Env = append(append(os.Environ(), helperEnv+"="+name), env...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// runHelper fails the test where the helper fails, or does not run.
func runHelper(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestHelper") {
		t.Errorf("%v\n%s", err, out)
	}
}

// process is what these tests look at of a process of the machine.
type process struct {
	pid, parent     int
	command         string // argv[0]
	environ, status string
}

// ours tells whether it is a descendant of these tests.
func (p process) ours() bool {
	return strings.Contains(p.environ, "GOBCC_TEST_RUN="+os.Getenv("GOBCC_TEST_RUN"))
}

// processes lists those that have not ended.
func processes(t testing.TB) (list []process) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		p := process{pid: pid}
		p.command, _, _ = strings.Cut(read("/proc/"+e.Name()+"/cmdline"), "\x00")
		p.environ = read("/proc/" + e.Name() + "/environ")
		stat := read("/proc/" + e.Name() + "/stat")
		if f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:]); len(f) > 2 && f[0] != "Z" && f[0] != "X" {
			p.parent, _ = strconv.Atoi(f[1])
			p.status = read("/proc/" + e.Name() + "/status")
			list = append(list, p)
		}
	}
	return list
}

func read(path string) string {
	b, _ := os.ReadFile(path) // it may have ended
	return string(b)
}
