package testutil

import (
	"context"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Libbcc returns the path of libbcc.so.0 and skips the test where the library is not installed.
func Libbcc(t testing.TB) string {
	t.Helper()
	path := libbcc()
	if path == "" {
		t.Skip("libbcc.so.0 is not installed")
	}
	return path
}

// Headers skips the test where a program cannot be compiled for want of kernel headers: the kernel has no type information to
// generate them from, BCC_KERNEL_SOURCE is not set, and none of the running kernel are installed.
func Headers(t testing.TB) {
	t.Helper()
	if os.Getenv("BCC_KERNEL_SOURCE") != "" {
		return
	}
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err == nil {
		return
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal("uname:", err)
	}
	if _, err := os.Stat("/lib/modules/" + unix.ByteSliceToString(u.Release[:]) + "/build"); err != nil {
		t.Skipf("no kernel headers: the kernel has no BTF, BCC_KERNEL_SOURCE is not set, and %v", err)
	}
}

// PythonBCC returns the path of a python3 that has BCC's module and skips the test where there is none.
func PythonBCC(t testing.TB) string {
	t.Helper()
	path := pythonBCC()
	if path == "" {
		t.Skip("no python3 with BCC's module bcc")
	}
	return path
}

// libbcc asks the loader's cache and looks into the folders it searches.
var libbcc = sync.OnceValue(func() string {
	const file = "libbcc.so.0"
	var found []string
	for _, dir := range filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")) {
		found = append(found, filepath.Join(dir, file))
	}
	for line := range strings.Lines(ldconfig()) {
		if strings.HasPrefix(strings.TrimSpace(line), file+" ") {
			_, path, _ := strings.Cut(line, "=> ")
			found = append(found, strings.TrimSpace(path))
		}
	}
	for _, pattern := range []string{"/lib*", "/usr/lib*", "/usr/local/lib*", "/lib/*-linux-*", "/usr/lib/*-linux-*"} {
		paths, _ := filepath.Glob(filepath.Join(pattern, file))
		found = append(found, paths...)
	}
	for _, path := range found {
		if m, err := machine(path); err == nil && m == ourMachine() {
			return path
		}
	}
	return ""
})

// ldconfig is often outside of a user's PATH.
func ldconfig() string {
	for _, name := range []string{"ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"} {
		if out, err := command(name, "-p"); err == nil {
			return out
		}
	}
	return ""
}

var ourMachine = sync.OnceValue(func() elf.Machine {
	m, _ := machine("/proc/self/exe")
	return m
})

// machine tells a library of this machine from one for another that is installed beside it.
func machine(path string) (elf.Machine, error) {
	f, err := elf.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Machine, nil
}

var pythonBCC = sync.OnceValue(func() string {
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		// Another package of PyPI has the name bcc too.
		if _, err := command(path, "-B", "-c", "from bcc import BPF"); err == nil {
			return path
		}
	}
	return ""
})

func command(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Minute, errors.New("no answer in a minute"))
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	return string(out), err
}
