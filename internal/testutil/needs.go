package testutil

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Root skips the test where it does not run as root.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

// Tracefs returns where tracefs is mounted and skips the test where it is not, or not readable.
func Tracefs(t testing.TB) string {
	t.Helper()
	dir, err := tracefs()
	if err != nil {
		lacking(t, err)
	}
	return dir
}

// Kprobes skips the test on a kernel without kprobes.
func Kprobes(t testing.TB) {
	t.Helper()
	if err := kprobes(); err != nil {
		lacking(t, err)
	}
}

// Fentry skips the test on a kernel that does not take fentry and fexit programs.
//
// Only loading one tells for sure. Kernels without kprobes refuse even where the symbols for it are there.
func Fentry(t testing.TB) {
	t.Helper()
	if err := errors.Join(kprobes(), trampolines()); err != nil {
		lacking(t, err)
	}
}

// LSM skips the test on a kernel that does not run BPF programs as a security module.
func LSM(t testing.TB) {
	t.Helper()
	if err := errors.Join(kprobes(), bpfLSM("/sys/kernel/security/lsm")); err != nil {
		lacking(t, err)
	}
}

// AsUser makes a command run as nobody, without groups.
//
// That user cannot get at t.TempDir() nor at where "go test" puts the test's executable: name that /proc/self/exe.
func AsUser(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
}

const nobody = 65534

// lacking skips the test. The virtual machine of make test-vm is there to lack nothing: in it the test fails, unless it
// runs as a user who may not look.
func lacking(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("GOBCC_GUEST") == "1" && os.Geteuid() == 0 {
		t.Fatalf("this kernel was made for tests and lacks what this one needs: %v", err)
	}
	if errors.Is(err, fs.ErrPermission) {
		t.Skip("needs root:", err)
	}
	t.Skipf("%s; run make test-vm", strings.ReplaceAll(err.Error(), "\n", ", "))
}

func tracefs() (string, error) {
	err := errors.New("tracefs is not mounted")
	for _, dir := range []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"} {
		var fs unix.Statfs_t
		if unix.Statfs(dir, &fs) != nil || fs.Type != unix.TRACEFS_MAGIC {
			continue
		}
		var f *os.File
		if f, err = os.Open(dir + "/available_events"); err == nil {
			f.Close()
			return dir, nil
		}
	}
	return "", err
}

func kprobes() error {
	for _, path := range []string{
		"/sys/bus/event_source/devices/kprobe/type",
		"/sys/kernel/tracing/kprobe_events",
		"/sys/kernel/debug/tracing/kprobe_events",
	} {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
	}
	return errors.New("this kernel has no kprobes")
}

var trampolines = sync.OnceValue(func() error {
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err != nil {
		return errors.New("this kernel has no BTF")
	}
	f, err := os.Open("/proc/kallsyms")
	if err != nil {
		return err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasSuffix(s.Text(), " bpf_trampoline_link_prog") {
			return nil
		}
	}
	return errors.New("this kernel has no BPF trampolines")
})

// bpfLSM reads a list such as "lockdown,capability,bpf".
func bpfLSM(path string) error {
	list, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the list of security modules: %w", err)
	}
	if !slices.Contains(strings.Split(strings.TrimSpace(string(list)), ","), "bpf") {
		return fmt.Errorf("bpf is not among the security modules: %s", strings.TrimSpace(string(list)))
	}
	return nil
}
