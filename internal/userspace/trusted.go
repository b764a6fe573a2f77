package userspace

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Trusted returns the real path of a file whose code this process may run: owned, and in folders owned, by root or by this
// user, and not writable by others.
func Trusted(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	// A path through /proc/PID/root leads to another mount namespace, which the resolved one does not.
	asked, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	found, err := os.Stat(real)
	if err != nil || !os.SameFile(asked, found) {
		return "", fmt.Errorf("%s is a file of another mount namespace", path)
	}
	for p := real; ; p = filepath.Dir(p) {
		st, err := os.Lstat(p)
		if err != nil {
			return "", err
		}
		owner := int(st.Sys().(*syscall.Stat_t).Uid)
		if owner != 0 && owner != os.Geteuid() {
			return "", fmt.Errorf("%s belongs to user %d", p, owner)
		}
		// In a folder with the sticky bit others cannot replace what is not theirs.
		sticky := st.IsDir() && st.Mode()&os.ModeSticky != 0
		if st.Mode().Perm()&0o022 != 0 && !sticky {
			return "", fmt.Errorf("%s can be written by others", p)
		}
		if p == "/" {
			return real, nil
		}
	}
}
