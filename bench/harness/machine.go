package harness

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine describes the machine in one line: processor, kernel, Go, and how busy it is.
func Machine() string {
	cpu := "processor unknown"
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			cpu = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%d × %s, Linux %s, %s", runtime.NumCPU(), cpu, text("/proc/sys/kernel/osrelease"), runtime.Version())
}

// Load is the load average: of the last minute, of five and of fifteen.
func Load() string {
	f := strings.Fields(text("/proc/loadavg"))
	return strings.Join(f[:min(3, len(f))], " ")
}

func text(path string) string {
	b, _ := os.ReadFile(path)
	return strings.TrimSpace(string(b))
}
