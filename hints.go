package bcc

import (
	"regexp"
	"strings"

	"github.com/gobcc/bcc/internal/tracefs"
)

// noHeaders is what libbcc says when it finds no kernel headers, in this order of its attempts.
var noHeaders = regexp.MustCompile(`Unable to find kernel headers|chdir\(.*\): No such file|kconfig\.h' file not found`)

// compileHint says what may help against a source that libbcc refuses, by what it printed.
func compileHint(source, output string) string {
	if noHeaders.MatchString(output) {
		return "kernel headers are missing: install linux-headers-$(uname -r), kernel-devel or the like, or let BCC_KERNEL_SOURCE name some"
	}
	return tracepointHint(source, output)
}

// tracepointHint finds tracepoints whose arguments libbcc could not describe: all that clang says of them is that a struct
// is incomplete.
func tracepointHint(source, output string) string {
	for _, tp := range tracepointsOf(source) {
		if !strings.Contains(output, "struct tracepoint__"+tp.category+"__"+tp.event) {
			continue
		}
		if _, err := tracefs.Root(); err != nil {
			return err.Error()
		}
		if _, err := tracefs.ReadFormat(tp.category, tp.event); err != nil {
			return err.Error()
		}
	}
	return ""
}

// TracepointExists tells whether the kernel has a tracepoint, such as sched and sched_switch; also false where tracefs is
// not mounted or cannot be read.
//
// Python: BPF.tracepoint_exists
func TracepointExists(category, event string) bool { return tracefs.Exists(category, event) }
