// Package caps tells which of the capabilities that BPF needs this process lacks.
package caps

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Capability is a Linux capability.
type Capability struct {
	Name string
	bit  uint
}

// The capabilities that BPF asks for. Since kernel 5.8 CAP_SYS_ADMIN stands for all of them.
var (
	BPF      = Capability{"CAP_BPF", unix.CAP_BPF}
	Perfmon  = Capability{"CAP_PERFMON", unix.CAP_PERFMON}
	NetAdmin = Capability{"CAP_NET_ADMIN", unix.CAP_NET_ADMIN}
	SysAdmin = Capability{"CAP_SYS_ADMIN", unix.CAP_SYS_ADMIN}
)

// Missing returns those of need that the process lacks, none where it holds CAP_SYS_ADMIN.
func Missing(need ...Capability) []Capability {
	status, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		return nil
	}
	return missing(effective(string(status)), need)
}

func missing(held uint64, need []Capability) []Capability {
	if held&(1<<SysAdmin.bit) != 0 {
		return nil
	}
	var m []Capability
	for _, c := range need {
		if held&(1<<c.bit) == 0 {
			m = append(m, c)
		}
	}
	return m
}

// effective reads the line CapEff of a /proc/PID/status.
func effective(status string) uint64 {
	for line := range strings.Lines(status) {
		if hex, ok := strings.CutPrefix(line, "CapEff:"); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
			return n
		}
	}
	return 0
}

// Hint says in words what is missing, "" where nothing is.
func Hint(need ...Capability) string {
	m := Missing(need...)
	if len(m) == 0 {
		return ""
	}
	names := make([]string, len(m))
	for i, c := range m {
		names[i] = c.Name
	}
	return "this process lacks " + strings.Join(names, " and ") + " (or CAP_SYS_ADMIN): run it as root"
}
