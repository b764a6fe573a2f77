package caps

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		c    Capability
		name string
		bit  uint
	}{{BPF, "CAP_BPF", 39}, {Perfmon, "CAP_PERFMON", 38}, {NetAdmin, "CAP_NET_ADMIN", 12}, {SysAdmin, "CAP_SYS_ADMIN", 21}} {
		if tt.c != (Capability{tt.name, tt.bit}) {
			t.Errorf("%+v, want %s = %d", tt.c, tt.name, tt.bit)
		}
	}
}

func TestEffective(t *testing.T) {
	const status = "Name:\tCapEff: x\nUmask:\t0022\nCapInh:\t0000000000000001\nCapPrm:\t00000000a80425fb\n%sCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\n"
	for line, want := range map[string]uint64{
		"CapEff:\t000001ffffffffff\n": 0x1ffffffffff,
		"CapEff:\t0000000000000000\n": 0,
		"CapEff:\t00000000a80425FB\n": 0xa80425fb,
		"CapEff:   8000000000\r\n":    1 << 39,
		"CapEff:\tnothing\n":          0,
		"CapEff:\n":                   0,
		"":                            0,
		"capeff:\t1\n":                0,
	} {
		if got := effective(fmt.Sprintf(status, line)); got != want {
			t.Errorf("%q: %#x, want %#x", line, got, want)
		}
	}
	if got := effective("CapEff:\t20"); got != 0x20 {
		t.Errorf("without an end of line: %#x", got)
	}
	if got := effective(""); got != 0 {
		t.Errorf("of nothing: %#x", got)
	}
}

func TestMissingOfAMask(t *testing.T) {
	const bpf, perfmon, netAdmin, sysAdmin = 1 << 39, 1 << 38, 1 << 12, 1 << 21
	all := []Capability{BPF, Perfmon, NetAdmin}
	tests := []struct {
		name       string
		held       uint64
		need, want []Capability
	}{
		{"nothing is held", 0, all, all},
		{"nothing is needed", 0, nil, nil},
		{"all are held", bpf | perfmon | netAdmin, all, nil},
		{"one is held", perfmon, all, []Capability{BPF, NetAdmin}},
		{"two are held", bpf | netAdmin, all, []Capability{Perfmon}},
		{"others are held", ^uint64(bpf | perfmon | netAdmin | sysAdmin), all, all},
		{"the one that stands for all", sysAdmin, all, nil},
		{"it is needed itself", bpf, []Capability{SysAdmin}, []Capability{SysAdmin}},
		{"the order is that of the need", 0, []Capability{NetAdmin, BPF}, []Capability{NetAdmin, BPF}},
	}
	for _, tt := range tests {
		if got := missing(tt.held, tt.need); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// withoutCapabilities runs f on a thread that has none in effect. The thread ends with it.
func withoutCapabilities(t *testing.T, f func()) {
	t.Helper()
	err := make(chan error)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The main thread would go on without them. Held here, it is not the one that the next goroutine gets.
			withoutCapabilities(t, f)
			runtime.UnlockOSThread()
			err <- nil
			return
		}
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var data [2]unix.CapUserData
		e := unix.Capset(&header, &data[0])
		if e == nil {
			f()
		}
		err <- e
	}()
	if err := <-err; err != nil {
		t.Error(err)
	}
}

func TestHintWithoutCapabilities(t *testing.T) {
	withoutCapabilities(t, func() {
		for _, tt := range []struct {
			need []Capability
			want string
		}{
			{nil, ""},
			{[]Capability{BPF}, "this process lacks CAP_BPF (or CAP_SYS_ADMIN): run it as root"},
			{[]Capability{BPF, Perfmon}, "this process lacks CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN): run it as root"},
		} {
			if got := Hint(tt.need...); got != tt.want {
				t.Errorf("%v: %q, want %q", tt.need, got, tt.want)
			}
			if got := Missing(tt.need...); !slices.Equal(got, tt.need) {
				t.Errorf("%v: missing %v", tt.need, got)
			}
		}
	})
}

func TestHintWithCapabilities(t *testing.T) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	if effective(string(status))&(1<<SysAdmin.bit) == 0 {
		t.Skip("needs root")
	}
	if hint := Hint(BPF, Perfmon, NetAdmin, SysAdmin); hint != "" || strings.Contains(hint, "root") {
		t.Errorf("got %q", hint)
	}
}
