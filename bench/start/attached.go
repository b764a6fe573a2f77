package start

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// attached returns the tag of the one program that a process holds, a hash of its instructions, and makes sure that the
// process holds an event to which it can be attached.
func attached(pid int) (string, error) {
	dir := fmt.Sprintf("/proc/%d/", pid)
	fds, err := os.ReadDir(dir + "fd")
	if err != nil {
		return "", err
	}
	tag, event := "", false
	for _, fd := range fds {
		switch target, _ := os.Readlink(filepath.Join(dir, "fd", fd.Name())); target {
		case "anon_inode:[perf_event]":
			event = true
		case "anon_inode:bpf-prog":
			t, err := programTag(filepath.Join(dir, "fdinfo", fd.Name()))
			if err != nil {
				return "", err
			}
			if tag != "" && t != tag {
				return "", fmt.Errorf("it holds two programs: %s and %s", tag, t)
			}
			tag = t
		}
	}
	if tag == "" || !event {
		return "", errors.New("it holds no program, or no event that the program is attached to")
	}
	return "program " + tag, nil
}

func programTag(fdinfo string) (string, error) {
	b, err := os.ReadFile(fdinfo)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		if tag, ok := strings.CutPrefix(line, "prog_tag:"); ok {
			return strings.TrimSpace(tag), nil
		}
	}
	return "", errors.New("no tag in " + fdinfo)
}
