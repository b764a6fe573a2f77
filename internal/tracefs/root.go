package tracefs

import (
	"errors"
	"os"
	"path/filepath"
)

// mountPoints are the places to look for tracefs, in order. Merely looking at
// the second makes the kernel mount tracefs there, and newer kernels log a
// deprecation notice for it, so it is the last resort.
var mountPoints = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// Root returns the folder where tracefs is mounted. The error matches
// [os.ErrNotExist] if it is not mounted, and [os.ErrPermission] if the caller
// may not look. Nothing is cached: tracefs can be mounted while a program runs.
func Root() (string, error) {
	return findRoot(mountPoints, func(path string) error {
		_, err := os.Stat(path)
		return err
	})
}

// findRoot returns the first of dirs that looks like tracefs by stat.
func findRoot(dirs []string, stat func(path string) error) (string, error) {
	denied := false
	for _, dir := range dirs {
		// A kernel without event tracing has trace_pipe but no events.
		for _, mark := range []string{"events", "trace_pipe"} {
			err := stat(filepath.Join(dir, mark))
			if err == nil {
				return dir, nil
			}
			denied = denied || errors.Is(err, os.ErrPermission)
		}
	}
	if denied {
		return "", &hintError{
			text: "tracefs cannot be read: its folder is open to root only; run as root or with CAP_DAC_READ_SEARCH",
			kind: os.ErrPermission,
		}
	}
	return "", &hintError{
		text: "tracefs is not mounted: mount -t tracefs tracefs /sys/kernel/tracing",
		kind: os.ErrNotExist,
	}
}
