// Package testutil holds what the tests of several packages need: a look at what they leave behind, what a test needs
// of the machine, and places of its own on a machine that others use too.
package testutil

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long what ends by itself (goroutines on their way out, children being reaped) may take for it.
var patience = 5 * time.Second

// Main runs a package's tests and exits. It, or [KernelMain], is all that a TestMain has to call.
//
// The status is 1, with a report on stderr, when the tests passed but left something behind: file descriptors (with the
// BPF program, map, link or BTF behind each), goroutines, child processes and their descendants, mappings of perf or
// ring buffers. Status and output of tests that failed stay, with the report added. Nothing is checked while fuzzing or
// with -list.
//
// after is called when the tests have ended.
func Main(m *testing.M, after ...func()) {
	code := check(m)
	for _, f := range after {
		f()
	}
	os.Exit(code)
}

// KernelMain is [Main] for packages that change what the kernel does for everyone, by probes that slow others down or
// output that others read: they run one at a time, while those of Main run beside them.
func KernelMain(m *testing.M) {
	// A test binary that a test runs again works under the lock of the first.
	if os.Geteuid() != 0 || os.Getenv(runVariable) != "" {
		Main(m)
	}
	path := filepath.Join(os.TempDir(), lockFolder, "kernel")
	f, err := lock(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "taking the lock of packages that touch the kernel:", err)
		os.Exit(1)
	}
	code := check(m)
	if err := unlock(f, path); err != nil {
		fmt.Fprintln(os.Stderr, "giving back the lock of packages that touch the kernel:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// check runs the tests and looks at what they leave.
func check(m *testing.M) int {
	if !flag.Parsed() {
		flag.Parse()
	}
	if flagSet("test.fuzz") || flagSet("test.list") {
		return m.Run()
	}
	markDescendants()
	warmUp()
	before := take()
	code := m.Run()
	if report := left(before); len(report) > 0 {
		fmt.Fprintf(os.Stderr, "LEAK: the tests of this package left behind:\n%s\n", render(report))
		fmt.Fprintln(os.Stderr, "testutil.Leaks(t) at the start of a test tells whether it is the one.")
		if code == 0 {
			code = 1
		}
	}
	return code
}

// Leaks fails a test that leaves behind what [Main] would report, so that the report names it. Call it first: what the
// test cleans up later is then cleaned up before the look.
//
// Other tests must not run meanwhile. The test and its parents therefore cannot be parallel: t.Parallel panics. Its
// subtests can.
func Leaks(t testing.TB) {
	t.Helper()
	t.Setenv("GOBCC_TEST_LEAKS", t.Name()) // the testing package's way to refuse t.Parallel
	warmUp()
	before := take()
	t.Cleanup(func() {
		t.Helper()
		report := left(before)
		if len(report) == 0 {
			return
		}
		t.Errorf("LEAK: this test left behind:\n%s", render(report))
		guilty.Lock()
		defer guilty.Unlock()
		for _, l := range report {
			guilty.test[l.key] = t.Name()
		}
	})
}

// guilty remembers for Main what Leaks saw.
var guilty = struct {
	sync.Mutex
	test map[string]string
}{test: map[string]string{}}

// left returns what is there now and was not before, after waiting for it to end. Nothing is collected as garbage
// meanwhile: that would close the files, and the pidfds of processes, that somebody forgot, sometimes.
func left(before snapshot) []leak {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	deadline := time.Now().Add(patience)
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		report := take().since(before)
		if len(report) == 0 || time.Now().After(deadline) {
			return report
		}
		time.Sleep(pause)
	}
}

func render(report []leak) string {
	guilty.Lock()
	defer guilty.Unlock()
	var b strings.Builder
	for i, l := range report {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("    " + strings.ReplaceAll(l.text, "\n", "\n        "))
		if test, ok := guilty.test[l.key]; ok {
			b.WriteString(" (left by " + test + ")")
		}
	}
	return b.String()
}

// warmUp makes the Go runtime open its own descriptors (epoll, eventfd), which it does at the first pipe or socket.
func warmUp() {
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
}

// mark is in the environment of all descendants of this process, whoever their parent is by now.
var mark string

// runVariable holds it.
const runVariable = "GOBCC_TEST_RUN"

func markDescendants() {
	value := strconv.Itoa(os.Getpid()) + "." + strconv.FormatInt(time.Now().UnixNano(), 36)
	mark = runVariable + "=" + value
	os.Setenv(runVariable, value)
}

func flagSet(name string) bool {
	f := flag.Lookup(name)
	return f != nil && f.Value.String() != ""
}
