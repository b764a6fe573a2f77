package userspace

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/sys/unix"
)

func TestIsLibrary(t *testing.T) {
	tests := []struct {
		file, name string
		want       bool
	}{
		{"libc.so", "c", true},
		{"libc.so.6", "c", true},
		{"libc-2.36.so", "c", true},
		{"libpthread-2.31.so", "pthread", true},
		{"libdb-5.3.so", "db", true},
		{"libdb-5.3.so.1", "db", true},
		{"libstdc++.so.6.0.30", "stdc++", true},
		{"libgtk-3.so.0", "gtk-3", true},
		{"libgtk-3.so.0", "gtk", true},
		{"libcap.so.2", "c", false},
		{"libcap-ng.so.0", "cap", false},
		{"libc", "c", false},
		{"libc.a", "c", false},
		{"libc.so6", "c", false},
		{"libc.sox", "c", false},
		{"libc-2.36", "c", false},
		{"libc-x.so", "c", false},
		{"libc-.so", "c", false},
		{"libc-client.so.2007", "c", false},
		{"libdb-5.3x.so", "db", false},
		{"c.so", "c", false},
		{"xlibc.so", "c", false},
		{"lib.so", "c", false},
		{"LIBC.SO", "c", false},
		{"", "c", false},
	}
	for _, tt := range tests {
		if got := isLibrary(tt.name).MatchString(tt.file); got != tt.want {
			t.Errorf("%q as a library %q: %v", tt.file, tt.name, got)
		}
	}
}

const maps = `55d0c8e00000-55d0c8e02000 r--p 00000000 fe:00 131                        /usr/bin/sleep
55d0c8e02000-55d0c8e06000 r-xp 00002000 fe:00 131                        /usr/bin/sleep
55d0ca000000-55d0ca021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000026000 r--p 00000000 fe:00 200                        /lib/x86_64-linux-gnu/libc.so.6
7f0000026000-7f000017b000 r-xp 00026000 fe:00 200                        /lib/x86_64-linux-gnu/libc.so.6
7f0000200000-7f0000300000 rw-p 00000000 fe:00 300                        /data/libdata.so.1
7f0000300000-7f0000400000 r-xp 00000000 fe:00 400                        /opt/my  app/libmy.so
7f0000400000-7f0000500000 r-xp 00000000 fe:00 500                        /opt/first/libtwo.so.1
7f0000500000-7f0000600000 r-xp 00000000 fe:00 600                        /opt/second/libtwo.so.2
7f0000600000-7f0000700000 --xp 00000000 fe:00 700                        /opt/libhidden.so
7f0000700000-7f0000800000 r-xp 00000000 00:05 800                        memfd:libnowhere.so
7f0000800000-7f0000900000 r-xp 00000000 00:00 0 
7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]
garbage
`

func TestLibraryInMaps(t *testing.T) {
	for name, want := range map[string]string{
		"c": "/lib/x86_64-linux-gnu/libc.so.6", "my": "/opt/my  app/libmy.so", "two": "/opt/first/libtwo.so.1", "hidden": "/opt/libhidden.so",
	} {
		if got, err := libraryInMaps(strings.NewReader(maps), name); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"data", "nowhere", "sleep", "vdso", "first", "x86_64-linux-gnu"} {
		if got, err := libraryInMaps(strings.NewReader(maps), name); got != "" || !errors.Is(err, ErrNoLibrary) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	broken := errors.New("broken")
	if got, err := libraryInMaps(iotest.ErrReader(broken), "c"); got != "" || !errors.Is(err, broken) || errors.Is(err, ErrNoLibrary) {
		t.Errorf("maps that cannot be read: %q, %v", got, err)
	}
}

func TestFindLibrary(t *testing.T) {
	path, err := FindLibrary("c", 0)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(path, "/") || !isLibrary("c").MatchString(path[strings.LastIndexByte(path, '/')+1:]) {
		t.Errorf("libc is %q", path)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// startCat starts a process that has loaded its libraries.
func startCat(t *testing.T) (pid int) {
	t.Helper()
	cmd := exec.Command("cat")
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestFindLibraryOfAProcess(t *testing.T) {
	pid := startCat(t)
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(maps), "/libc.so.") {
		t.Skip("cat is not linked to a libc.so")
	}
	root := fmt.Sprintf("/proc/%d/root/", pid)
	path, err := FindLibrary("c", pid)
	if err != nil || !strings.HasPrefix(path, root) || !strings.Contains(string(maps), " /"+strings.TrimPrefix(path, root)+"\n") {
		t.Errorf("libc of cat: %q, %v", path, err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	// What the process has not loaded is the machine's.
	if path, err := FindLibrary("bcc", pid); err == nil && strings.HasPrefix(path, "/proc/") || err != nil && !errors.Is(err, ErrNoLibrary) {
		t.Errorf("a library that cat does not load: %q, %v", path, err)
	}
}

func TestFindLibraryFails(t *testing.T) {
	tests := []struct {
		name, library string
		pid           int
		want          string
		matches       error
	}{
		{"no name", "", 0, "expected a short name", ErrNoLibrary},
		{"a path", "/lib/libc.so.6", 0, "expected a short name", ErrNoLibrary},
		{"a relative path", "./c", 0, "expected a short name", ErrNoLibrary},
		{"a NUL byte", "c\x00", 0, "expected a short name", ErrNoLibrary},
		{"a library that is not there", "gobcc-none", 0, "there is no libgobcc-none.so in", ErrNoLibrary},
		{"a library that no process has either", "gobcc-none", os.Getpid(), "there is no libgobcc-none.so in", ErrNoLibrary},
		{"a whole file name", "libc.so.6", 0, "there is no liblibc.so.6.so in", ErrNoLibrary},
		{"a process that is not there", "c", 1 << 30, "process 1073741824", unix.ESRCH},
	}
	for _, tt := range tests {
		path, err := FindLibrary(tt.library, tt.pid)
		if path != "" || err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, tt.matches) {
			t.Errorf("%s: %q, %v; want %q and %v", tt.name, path, err, tt.want, tt.matches)
		}
	}
}
