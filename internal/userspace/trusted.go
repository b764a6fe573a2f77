package userspace

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Trusted returns nil for a file whose code this process may run: owned, and in folders owned, by root or by this user,
// and not writable by others.
func Trusted(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for p := real; ; p = filepath.Dir(p) {
		st, err := os.Lstat(p)
		if err != nil {
			return err
		}
		owner := int(st.Sys().(*syscall.Stat_t).Uid)
		if owner != 0 && owner != os.Geteuid() {
			return fmt.Errorf("%s belongs to user %d", p, owner)
		}
		if st.Mode().Perm()&0o022 != 0 && st.Mode()&os.ModeSticky == 0 {
			return fmt.Errorf("%s can be written by others", p)
		}
		if p == "/" || p == "." {
			return nil
		}
	}
}
