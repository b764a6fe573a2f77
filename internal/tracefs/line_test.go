package tracefs_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gobcc/bcc/internal/tracefs"
)

type line = tracefs.Line

const (
	printk = "bpf_trace_printk"
	marker = "tracing_mark_write"
)

// usec is a time as trace_pipe prints it.
func usec(sec, usec int64) time.Duration {
	return time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond
}

// Most are real, of Linux 6.18.
var lines = []struct {
	name, text string
	want       line
}{
	{"task unknown", "           <...>-1234    [001] ...21   559.867587: bpf_trace_printk: hi\n",
		line{Task: "<...>", PID: 1234, CPU: 1, Flags: "...21", Timestamp: usec(559, 867587), Function: printk, Message: "hi"}},
	{"bh off", "               x-8460    [000] b..11  1653.001304: bpf_trace_printk: a",
		line{Task: "x", PID: 8460, Flags: "b..11", Timestamp: usec(1653, 1304), Function: printk, Message: "a"}},
	{"flags of 4, old printk", "     kworker/1:0-23      [001] d..3  1653.000001: 0: x",
		line{Task: "kworker/1:0", PID: 23, CPU: 1, Flags: "d..3", Timestamp: usec(1653, 1), Function: "0", Message: "x"}},
	{"flags of 6", "          <idle>-0       [127] dNZ1.2 1.000000: sched_switch: a: b",
		line{Task: "<idle>", CPU: 127, Flags: "dNZ1.2", Timestamp: time.Second, Function: "sched_switch", Message: "a: b"}},
	{"empty message", "               x-8460    [000] b..11  1653.001261: bpf_trace_printk: \n",
		line{Task: "x", PID: 8460, Flags: "b..11", Timestamp: usec(1653, 1261), Function: printk}},
	{"empty message, trimmed", "x-8460    [000] b..11  1653.001261: bpf_trace_printk:",
		line{Task: "x", PID: 8460, Flags: "b..11", Timestamp: usec(1653, 1261), Function: printk}},
	{"newlines at the end", "               x-8460    [000] b..11  1653.001367: bpf_trace_printk: key: 5 \n\n",
		line{Task: "x", PID: 8460, Flags: "b..11", Timestamp: usec(1653, 1367), Function: printk, Message: "key: 5 "}},
	{"message like a line", "            bash-7873    [001] ...1.  1.5: bpf_trace_printk: a-1 [0] 2: f: m",
		line{Task: "bash", PID: 7873, CPU: 1, Flags: "...1.", Timestamp: usec(1, 500000), Function: printk, Message: "a-1 [0] 2: f: m"}},

	{"task with all signs", "  a b-123 [0]: x-8520    [001] ...1.  1653.913809: tracing_mark_write: m",
		line{Task: "a b-123 [0]: x", PID: 8520, CPU: 1, Flags: "...1.", Timestamp: usec(1653, 913809), Function: marker, Message: "m"}},
	{"task like a line", "   x-1 [000] 1: -8520    [001] ...1.  1653.9: tracing_mark_write: m",
		line{Task: "x-1 [000] 1: ", PID: 8520, CPU: 1, Flags: "...1.", Timestamp: usec(1653, 900000), Function: marker, Message: "m"}},
	{"task like a line, trimmed", "x-1 [000] 1: -8520    [001] ...1.  1653.9: tracing_mark_write: m",
		line{Task: "x-1 [000] 1: ", PID: 8520, CPU: 1, Flags: "...1.", Timestamp: usec(1653, 900000), Function: marker, Message: "m"}},
	{"task like a lost report", "  CPU:1 [LOST 3]-8520    [001] ...1.  1653.913809: tracing_mark_write: m",
		line{Task: "CPU:1 [LOST 3]", PID: 8520, CPU: 1, Flags: "...1.", Timestamp: usec(1653, 913809), Function: marker, Message: "m"}},
	{"task cut within a rune", " żółć-żół\xc4-8520    [001] ...1.  1.000000: tracing_mark_write: m",
		line{Task: "żółć-żół\xc4", PID: 8520, CPU: 1, Flags: "...1.", Timestamp: time.Second, Function: marker, Message: "m"}},
	{"task of 15", " memfd:sealed-91-5965    [000]   1626.205140: sched_switch: m",
		line{Task: "memfd:sealed-91", PID: 5965, Timestamp: usec(1626, 205140), Function: "sched_switch", Message: "m"}},
	{"task longer than the column", "a-very-long-task-name-5965    [000]   1626.205140: f: m",
		line{Task: "a-very-long-task-name", PID: 5965, Timestamp: usec(1626, 205140), Function: "f", Message: "m"}},
	{"task empty", "                -5965    [000] ..... 1626.205140: f: m",
		line{PID: 5965, Flags: ".....", Timestamp: usec(1626, 205140), Function: "f", Message: "m"}},

	{"tgid", "           sleep-7965    (   7960) [000] d..2.  1625.764390: sched_switch: m",
		line{Task: "sleep", PID: 7965, TGID: 7960, Flags: "d..2.", Timestamp: usec(1625, 764390), Function: "sched_switch", Message: "m"}},
	{"tgid unknown", "          <idle>-0       (-------) [000] d..2.  1625.765527: sched_switch: m",
		line{Task: "<idle>", Flags: "d..2.", Timestamp: usec(1625, 765527), Function: "sched_switch", Message: "m"}},
	{"tgid, short", "task-123   (  123) [000] .... 1.000000: f: m",
		line{Task: "task", PID: 123, TGID: 123, Flags: "....", Timestamp: time.Second, Function: "f", Message: "m"}},
	{"tgid, no irq-info", "            bash-7873    (   7873) [001]   1626.203458: tracing_mark_write: \n",
		line{Task: "bash", PID: 7873, TGID: 7873, CPU: 1, Timestamp: usec(1626, 203458), Function: marker}},

	{"counter", "           <...>-8292    [000] ...1.           32: tracing_mark_write: m",
		line{Task: "<...>", PID: 8292, Flags: "...1.", Timestamp: 32, Ticks: true, Function: marker, Message: "m"}},
	{"x86-tsc, no irq-info", "           <...>-8154    [000]  4226880241128: tracing_mark_write: m",
		line{Task: "<...>", PID: 8154, Timestamp: 4226880241128, Ticks: true, Function: marker, Message: "m"}},
	{"nanoseconds", "           <...>-1       [000] 1.000000001: f: m",
		line{Task: "<...>", PID: 1, Timestamp: time.Second + 1, Function: "f", Message: "m"}},
	{"no function", "            bash-1       [000] ...1. 1.000000: vfs_read <-ksys_read",
		line{Task: "bash", PID: 1, Flags: "...1.", Timestamp: time.Second, Message: "vfs_read <-ksys_read"}},
}

func TestParseLine(t *testing.T) {
	for _, tt := range lines {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tracefs.ParseLine(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("%q\ngot  %+v\nwant %+v", tt.text, got, tt.want)
			}
		})
	}
}

var badLines = []struct{ text, want string }{
	{"", "TASK-PID"},
	{"b: c", `in "b: c"`},
	{"                -", "TASK-PID"},
	{"           <...>-12x4    [001] ...21 5.8: f: m", "TASK-PID"},
	{"           <...>-99999999999 [001] ...21 5.8: f: m", "TASK-PID"},
	{"           <...>-1 (1 [001] ...21 5.8: f: m", "(TGID)"},
	{"           <...>-1 (--- [001] ...21 5.8: f: m", "(TGID)"},
	{"           <...>-1 001 ...21 5.8: f: m", "[CPU]"},
	{"           <...>-1 [x] ...21 5.8: f: m", "[CPU]"},
	{"           <...>-1 [001] ...21", "timestamp"},
	{"           <...>-1 [001] ...21 5.: f: m", "timestamp"},
	{"           <...>-1 [001] ...21 5.0000000001: f: m", "timestamp"},
	{"           <...>-1 [001] ...21 9223372037.0: f: m", "timestamp"},
	{"           <...>-1 [001] ...21 9223372036854775808: f: m", "timestamp"},
	{"CPU:1 [LOST x EVENTS]", "TASK-PID"},
	{"CPU: [LOST 1 EVENTS]", "TASK-PID"},
	{"CPU:1 [LOST 1", "TASK-PID"},
	{"##### CPU 1 buffer started ####", "TASK-PID"},
	{strings.Repeat("a", 300), `a"...`},
}

func TestParseLineErrors(t *testing.T) {
	for _, tt := range badLines {
		got, err := tracefs.ParseLine(tt.text)
		var bad *tracefs.LineError
		if !errors.As(err, &bad) || bad.Line != tt.text || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %+v, error %v; want %s", tt.text, got, err, tt.want)
		}
	}
}

func TestParseLineLost(t *testing.T) {
	for text, want := range map[string]tracefs.LostError{
		"CPU:1 [LOST 2794 EVENTS]\n": {CPU: 1, Events: 2794},
		"CPU:127 [LOST EVENTS]":      {CPU: 127},
	} {
		_, err := tracefs.ParseLine(text)
		var lost *tracefs.LostError
		if !errors.As(err, &lost) || *lost != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	for events, want := range map[uint64]string{0: "CPU 3 lost events", 12: "CPU 3 lost 12 events"} {
		if got := (&tracefs.LostError{CPU: 3, Events: events}).Error(); !strings.HasSuffix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
