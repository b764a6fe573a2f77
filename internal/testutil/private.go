package testutil

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Netns runs the rest of the test in a network namespace of its own, in which there is only lo, which is up. It skips
// the test without root.
//
// Only the test's own goroutine is in it, and the processes that this starts; other goroutines and subtests are not.
// /sys/class/net shows the devices of the machine still.
func Netns(t testing.TB) {
	t.Helper()
	Root(t)
	runtime.LockOSThread()
	old, err := os.Open("/proc/thread-self/ns/net")
	if err == nil {
		err = unix.Unshare(unix.CLONE_NEWNET)
	}
	if err != nil {
		old.Close() // nil where it did not open, which is fine
		runtime.UnlockOSThread()
		t.Fatal("making a network namespace:", err)
	}
	t.Cleanup(func() {
		defer old.Close()
		if err := unix.Setns(int(old.Fd()), unix.CLONE_NEWNET); err != nil {
			t.Error("going back to the network namespace:", err)
			return // the thread ends with the goroutine that keeps it
		}
		runtime.UnlockOSThread()
	})
	if err := loopbackUp(); err != nil {
		t.Fatal("lo:", err)
	}
}

func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
}

// BPFFS mounts a BPF filesystem for the test's pins and returns the folder. Mount and pins are gone when the test ends.
// It skips the test without root.
func BPFFS(t testing.TB) string {
	t.Helper()
	Root(t)
	dir := filepath.Join(t.TempDir(), "bpf")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("bpf", dir, "bpf", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0700"); err != nil {
		t.Fatal("mounting bpffs:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error("unmounting bpffs:", err)
		}
	})
	return dir
}
