package harness

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain makes this executable a peer when it is asked to be one.
func TestMain(m *testing.M) {
	switch os.Getenv("HARNESS_PEER") {
	case "":
		os.Exit(m.Run())
	case "busy":
		for used() < 30*time.Millisecond {
		}
		os.Stdout.WriteString("not yet\nREADY\n")
		io.Copy(io.Discard, os.Stdin)
	case "silent":
		os.Stderr.WriteString("cannot")
		os.Exit(3)
	}
}

func used() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func self(kind string) []string { return []string{"env", "HARNESS_PEER=" + kind, os.Args[0]} }

func TestRun(t *testing.T) {
	looked := 0
	c := Case{
		Bench: "b", Name: "c", Bases: []string{"two"},
		Evidence: func(int) (string, error) { looked++; return "same", nil },
		Peers: []Peer{
			{Name: "one", Command: self("busy")},
			{Name: "two", Command: self("busy")},
			{Name: "lame", Err: errors.New("lacks a leg")},
		},
		Targets: []Target{{CPU, "one", "two", 0.001}, {CPU, "lame", "two", 1}},
	}
	r, err := Run(t.Context(), c, 2, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if looked != 6 || len(r.Samples["one"]) != 2 || len(r.Samples["two"]) != 2 {
		t.Errorf("looked %d times, samples %v", looked, r.Samples)
	}
	for peer, s := range r.Samples {
		if s[0].CPU < 30 || s[0].Wall < 20 || s[0].RSS < 0.5 || s[0].Peak < 0.5 {
			t.Errorf("%s: %+v", peer, s[0])
		}
	}
	var table, lines bytes.Buffer
	r.WriteTable(&table)
	for _, want := range []string{"### b: c", "| one | ", "× two", "* lame did not run: lacks a leg", "≤ 0.001 × two: ",
		"**missed**"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in:\n%s", want, table.String())
		}
	}
	if err := r.WriteJSON(&lines); err != nil || strings.Count(lines.String(), "\n") != 3 {
		t.Errorf("%v: %s", err, lines.String())
	}
}

func TestRunCountsChildren(t *testing.T) {
	// The shell itself does next to nothing; its two children are busy for 30 ms each.
	p := Peer{Name: "shell", Command: []string{"sh", "-c", "i=0; while [ $i -lt 2 ]; do HARNESS_PEER=busy " + os.Args[0] +
		" </dev/null >&2; i=$((i+1)); done; echo READY; read x || true"}}
	s, _, err := p.run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.CPU < 60 || s.Wall < 60 {
		t.Errorf("%+v: the children are missing", s)
	}
}

func TestRunFails(t *testing.T) {
	c := Case{Bench: "b", Name: "c", Peers: []Peer{{Name: "p", Command: self("silent")}}}
	if _, err := Run(t.Context(), c, 1, io.Discard); err == nil || !strings.Contains(err.Error(), "cannot") {
		t.Errorf("%v: what the peer printed is missing", err)
	}
	n := 0
	c.Evidence = func(int) (string, error) { n++; return strings.Repeat("x", n), nil }
	c.Peers[0].Command = self("busy")
	if _, err := Run(t.Context(), c, 1, io.Discard); err == nil || !strings.Contains(err.Error(), "xx, not x") {
		t.Errorf("%v: peers that differ passed", err)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		cpu  []float64
		want spread
	}{{[]float64{3}, spread{3, 3, 3}}, {[]float64{4, 1, 3}, spread{1, 3, 4}}, {[]float64{4, 1, 2, 3}, spread{1, 2.5, 4}}} {
		var s []Sample
		for _, v := range c.cpu {
			s = append(s, Sample{CPU: v})
		}
		if got := CPU.over(s); got != c.want {
			t.Errorf("%v: %v, want %v", c.cpu, got, c.want)
		}
	}
}

func TestReplace(t *testing.T) {
	const doc = "a\n<!-- bench:start -->\nold\n<!-- /bench:start -->\nz\n"
	got, err := Replace(doc, "start", "new\n\n")
	if want := "a\n<!-- bench:start -->\n\nnew\n\n<!-- /bench:start -->\nz\n"; err != nil || got != want {
		t.Errorf("%v: %q", err, got)
	}
	for _, bad := range []string{"", "<!-- bench:start -->\n", "<!-- /bench:start -->\n"} {
		if _, err := Replace(bad, "start", "new"); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestStatusField(t *testing.T) {
	const status = "Name:\tVmRSS\nVmHWM:\t    2048 kB\nVmRSS:\t    1536 kB\n"
	if got, err := statusField(status, "VmRSS"); err != nil || got != 1.5 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "VmRSS:\tmuch\n"} {
		if _, err := statusField(bad, "VmRSS"); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
