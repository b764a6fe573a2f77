package testutil

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestLeaks(t *testing.T) {
	for _, test := range []struct {
		helper, report string // a regular expression, "": none
		root           bool
	}{
		{helper: "nothing"},
		{helper: "late"},
		{helper: "fd", report: `file descriptor \d+: /dev/zero\n`},
		{helper: "replaced", report: `file descriptor 0: /dev/zero\n`},
		{helper: "eventfd", report: `file descriptor \d+: anon_inode:\[eventfd\]\n`},
		{helper: "map", report: `file descriptor \d+: anon_inode:bpf-map: map_type 2, map_id \d+, name leaked_map\n`, root: true},
		{helper: "mapping", report: `memory mapping .* r--s .*anon_inode:bpf-map\n`, root: true},
		{helper: "program", report: `file descriptor \d+: anon_inode:bpf-prog: prog_type 1, prog_id \d+, name leaked_prog\n`, root: true},
		{helper: "goroutine", report: `goroutine \d+ \[select \(no cases\)\]:\n +\S+/testutil\.forever\(`},
		{helper: "child", report: `child process \d+: sleep 3\n`},
		{helper: "zombie", report: `child process \d+: \(true\), ended but not waited for\n`},
		{helper: "pidfd", report: `file descriptor \d+: anon_inode:\[pidfd\]\n`},
		{helper: "forgotten", report: `file descriptor \d+: /dev/zero\n`},
		{helper: "orphan", report: `descendant process \d+: sleep 3.5\n`},
		{helper: "failed", report: `file descriptor \d+: /dev/zero\n`},
		{helper: "named", report: `file descriptor \d+: /dev/zero \(left by TestHelper/bad\)\n`},
	} {
		t.Run(test.helper, func(t *testing.T) {
			t.Parallel()
			if test.root {
				Root(t)
			}
			stdout, stderr, status := run(t, helper(test.helper))
			if test.report == "" {
				if status != 0 || stderr != "" {
					t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
				}
				return
			}
			if status != 1 || !regexp.MustCompile(test.report).MatchString(stderr) {
				t.Errorf("status %d, no %q in stderr:\n%s", status, test.report, stderr)
			}
			if n := strings.Count(stderr, "\n    ") - strings.Count(stderr, "\n     "); n != 1 {
				t.Errorf("%d things reported, want 1:\n%s", n, stderr)
			}
			blamed := strings.Contains(stdout, "FAIL: TestHelper")
			if want := test.helper == "failed" || test.helper == "named"; blamed != want {
				t.Errorf("the test itself failed: %v, want %v:\n%s", blamed, want, stdout)
			}
		})
	}
}

func TestLeaksNamesTheTest(t *testing.T) {
	stdout, _, _ := run(t, helper("named", "-test.v"))
	for _, want := range []string{"--- PASS: TestHelper/good", "--- FAIL: TestHelper/bad", "LEAK: this test left behind", "--- PASS: TestHelper/next"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in:\n%s", want, stdout)
		}
	}
}

func TestLeaksRefusesParallel(t *testing.T) {
	Leaks(t)
	defer func() {
		if recover() == nil {
			t.Error("t.Parallel did not panic")
		}
	}()
	t.Parallel()
}

func TestLeaksWithParallelSubtests(t *testing.T) {
	Leaks(t)
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			fd := openZero()
			time.Sleep(10 * time.Millisecond)
			unix.Close(fd)
		})
	}
}

func TestListChecksNothing(t *testing.T) {
	stdout, stderr, status := run(t, helper("fd", "-test.list=Helper"))
	if stdout != "TestHelper\n" || stderr != "" || status != 0 {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

func TestParseStat(t *testing.T) {
	got := parseStat("12 (a) b (c) S 7 12 12 0 -1 1 2 3 4 5 6 7 8 9 20 0 1 0 4242 99 1\n")
	if want := (stat{"a) b (c", "S", 7, 4242, 99}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, bad := range []string{"", "12", "12 (a", ") (", "12 (a) S"} {
		if got := parseStat(bad); got != (stat{}) {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}
