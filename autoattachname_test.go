package bcc

import (
	"testing"

	"github.com/gobcc/bcc/internal/testutil"
)

func TestPlainSyscall(t *testing.T) {
	for function, want := range map[string]string{
		"sys_openat":                 "sys_openat",
		"__x64_sys_openat":           "sys_openat",
		"__x32_compat_sys_openat":    "sys_openat",
		"__ia32_compat_sys_openat":   "sys_openat",
		"__arm64_sys_openat":         "sys_openat",
		"__s390x_sys_openat":         "sys_openat",
		"__s390_sys_openat":          "sys_openat",
		"__riscv_sys_openat":         "sys_openat",
		"__x64_sys_":                 "sys_",
		"__x64_sys___x64_sys_read":   "sys___x64_sys_read",
		"vfs_read":                   "vfs_read",
		"do_sys_openat2":             "do_sys_openat2",
		"sysfs_create_file":          "sysfs_create_file",
		"__x64_sysfs":                "__x64_sysfs",
		"x__x64_sys_read":            "x__x64_sys_read",
		"__ia32_sys_openat":          "__ia32_sys_openat", // Python leaves it alone too
		"":                           "",
		"__x64_sys_openat.isra.0":    "sys_openat.isra.0",
		"__se_sys_openat":            "__se_sys_openat",
		"__ia32_compat_sys_ioctl__x": "sys_ioctl__x",
	} {
		if got := plainSyscall(function); got != want {
			t.Errorf("plainSyscall(%q) = %q, want %q", function, got, want)
		}
	}
}

// Names of tracepoints that no kernel has: the first two underscores split them.
func TestTracepointNameThatIsNotThere(t *testing.T) {
	for name, want := range map[string]string{
		"gobcc_none__event":        "gobcc_none:event",
		"gobcc_none__ev__ent":      "gobcc_none:ev__ent",
		"gobcc_none___event":       "gobcc_none:_event",
		"__gobcc_none":             ":gobcc_none",
		"gobcc_none__":             "gobcc_none:",
		"gobcc_none_event":         "gobcc_none_event",
		"":                         "",
		"_":                        "_",
		"____":                     ":__",
		"gobcc_none__..__..__etc_": "gobcc_none:..__..__etc_",
	} {
		if got := tracepointName(name); got != want {
			t.Errorf("tracepointName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestTracepointNameThatIsThere(t *testing.T) {
	testutil.Tracefs(t)
	for name, want := range map[string]string{
		"sched__sched_switch":          "sched:sched_switch",
		"raw_syscalls__sys_enter":      "raw_syscalls:sys_enter",
		"sched__sched__switch":         "sched:sched__switch",
		"sched__sched_switch__nothing": "sched:sched_switch__nothing",
	} {
		if got := tracepointName(name); got != want {
			t.Errorf("tracepointName(%q) = %q, want %q", name, got, want)
		}
	}
}
