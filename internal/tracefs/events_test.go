package tracefs_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gobcc/bcc/internal/tracefs"
)

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"sched": true, "sys_enter_openat": true, "a.b": true, "xhci-hcd": true,
		"": false, ".": false, "..": false, "a..b": false, "../../etc": false,
		"sched/sched_switch": false, "/": false, "a\x00": false,
	} {
		if got := tracefs.ValidName(name); got != want {
			t.Errorf("validName(%q) = %v", name, got)
		}
	}
}

func TestListEvents(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"block/block_rq", "block2/x", "block/a"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"enable", "block/filter"} {
		if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := tracefs.ListEvents(dir)
	if want := []string{"block2:x", "block:a", "block:block_rq"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := tracefs.ListEvents(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("missing folder: %v", err)
	}
}

func TestNearest(t *testing.T) {
	events := []string{
		"block:block_rq_issue", "sched:sched_switch", "sched:sched_wakeup", "sched:sched_wakeup_new",
		"syscalls:sys_enter_open", "syscalls:sys_enter_openat", "syscalls:sys_exit_openat", "tcp:tcp_probe",
		"tcp:tcp_probe2", "tcp:tcp_probe3", "tcp:tcp_probe4",
	}
	tests := []struct {
		name string
		want []string
	}{
		{"sched:sched_swich", []string{"sched:sched_switch"}},
		{"shced:sched_switch", []string{"sched:sched_switch"}},
		{"task:sched_switch", []string{"sched:sched_switch"}},
		{"sched_switch", []string{"sched:sched_switch"}},
		{"sched:switch", []string{"sched:sched_switch"}},
		{"syscalls:openat", []string{"syscalls:sys_exit_openat", "syscalls:sys_enter_openat"}},
		{"raw_syscalls:openat", nil},
		{"tcp:tcp_prob", []string{"tcp:tcp_probe", "tcp:tcp_probe2", "tcp:tcp_probe3"}},
		{"nothing:like_this_one", nil},
		{":", nil},
		{"sched:", nil},
	}
	for _, tt := range tests {
		if got := tracefs.Nearest(tt.name, events); !slices.Equal(got, tt.want) {
			t.Errorf("nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestEventsLive(t *testing.T) {
	needRoot(t)
	events, err := tracefs.Events()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(events) || !slices.Contains(events, "sched:sched_switch") {
		t.Errorf("%d events, not sorted or without sched:sched_switch", len(events))
	}
	if got := tracefs.Near("sched:sched_swich"); !slices.Contains(got, "sched:sched_switch") {
		t.Errorf("Near: %q", got)
	}
	for _, tt := range []struct {
		category, event string
		want            bool
	}{
		{"sched", "sched_switch", true},
		{"sched", "sched_swich", false},
		{"sched", "enable", false},
		{"sched", "", false},
		{"sched/sched_switch", "..", false},
		{"..", "events", false},
	} {
		if got := tracefs.Exists(tt.category, tt.event); got != tt.want {
			t.Errorf("Exists(%q, %q) = %v", tt.category, tt.event, got)
		}
	}
}
