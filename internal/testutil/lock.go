package testutil

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// lockFolder is in the folder for temporary files. It is gone when nothing is locked.
const lockFolder = "gobcc-test-locks"

// Lock takes something that the whole machine shares, such as "trace_pipe", until the test ends. It waits while another
// test has it, of this process or of another. A test that takes the same name twice waits for itself.
func Lock(t testing.TB, name string) {
	t.Helper()
	if name == "" || name == "." || name == ".." || filepath.Base(name) != name {
		t.Fatalf("%q cannot be the name of a lock", name)
	}
	path := filepath.Join(os.TempDir(), lockFolder, name)
	f, err := lock(path)
	if err != nil {
		t.Fatalf("taking the lock %s: %v", name, err)
	}
	t.Cleanup(func() {
		if err := unlock(f, path); err != nil {
			t.Errorf("giving back the lock %s: %v", name, err)
		}
	})
}

// lock makes the file, and the folder, if need be. The one who held it before removes both: what was locked then is
// no longer what others will find under the name, and all starts over.
func lock(path string) (*os.File, error) {
	for {
		f, err := openLock(path)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = flock(f)
		if err != nil {
			f.Close()
			return nil, err
		}
		held, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		if now, err := os.Lstat(path); err == nil && os.SameFile(held, now) {
			return f, nil
		}
		f.Close()
	}
}

// unlock removes the file while it is still locked, so that nobody else's is removed.
func unlock(f *os.File, path string) error {
	err := os.Remove(path)
	os.Remove(filepath.Dir(path)) // fails where other locks are in it
	return errors.Join(err, f.Close())
}

// errGone means that another process removed the folder in this moment.
var errGone = errors.New("folder is gone")

func openLock(path string) (*os.File, error) {
	dir := filepath.Dir(path)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	// Whoever may write to the folder could take the locks away.
	owner := info.Sys().(*syscall.Stat_t).Uid
	if !info.IsDir() || info.Mode().Perm()&^0o700 != 0 || int(owner) != os.Geteuid() {
		return nil, fmt.Errorf("%s is not a folder of uid %d alone: %v, uid %d", dir, os.Geteuid(), info.Mode(), owner)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	}
	return f, err
}

func flock(f *os.File) error {
	for {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != unix.EINTR {
			return err
		}
	}
}
