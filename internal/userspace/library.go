package userspace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrNoLibrary means that no file belongs to a library's name.
var ErrNoLibrary = errors.New("no such library")

// libraryDirs are searched where there is no cache of the dynamic linker, as on musl.
var libraryDirs = []string{"/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64"}

// FindLibrary returns the file of a library: "c" is libc.so of some version. With a pid it is the one that the process
// has loaded, as a path through /proc/PID/root, which holds in other mount namespaces; otherwise the dynamic linker's.
func FindLibrary(name string, pid int) (string, error) {
	if name == "" || strings.ContainsAny(name, "/\x00") {
		return "", fmt.Errorf("library %q: %w: expected a short name such as c, or a path", name, ErrNoLibrary)
	}
	if pid > 0 {
		p, err := libraryOfProcess(name, pid)
		if err == nil || !errors.Is(err, ErrNoLibrary) {
			return p, err
		}
	}
	is := isLibrary(name)
	if b, err := os.ReadFile(ldCacheFile); err == nil {
		libs, err := parseLDCache(b)
		if err != nil {
			return "", fmt.Errorf("%s: %w", ldCacheFile, err)
		}
		for _, l := range libs {
			if is.MatchString(l.name) {
				return l.path, nil
			}
		}
	}
	for _, dir := range libraryDirs {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if is.MatchString(e.Name()) {
				return path.Join(dir, e.Name()), nil
			}
		}
	}
	return "", fmt.Errorf("library %s: %w: there is no lib%s.so in the dynamic linker's cache; give its path", name, ErrNoLibrary, name)
}

// isLibrary matches the file names of a library: libc.so, libc.so.6, libc-2.36.so, but not libcap.so.
func isLibrary(name string) *regexp.Regexp {
	if name == "c" { // musl's is the dynamic linker as well
		return regexp.MustCompile(`^(ld-musl-|libc\.musl-).*\.so\.1$|^libc(-[0-9][0-9.]*)?\.so(\.|$)`)
	}
	return regexp.MustCompile(`^lib` + regexp.QuoteMeta(name) + `(-[0-9][0-9.]*)?\.so(\.|$)`)
}

func libraryOfProcess(name string, pid int) (string, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("library %s: %w: there is no process %d", name, unix.ESRCH, pid)
	}
	if err != nil {
		return "", fmt.Errorf("library %s of process %d: %w", name, pid, err)
	}
	defer f.Close()
	file, err := libraryInMaps(f, name)
	if err != nil {
		return "", fmt.Errorf("library %s of process %d: %w", name, pid, err)
	}
	if strings.HasPrefix(file, mapFiles) {
		return fmt.Sprintf("/proc/%d/%s", pid, file), nil
	}
	return fmt.Sprintf("/proc/%d/root%s", pid, file), nil
}

// mapFiles is the folder in /proc/PID through which mapped files can be opened that have no name any more.
const mapFiles = "map_files/"

// libraryInMaps finds a library among the executable mappings of a /proc/PID/maps. One that was deleted, as by an upgrade,
// is found by its place in memory.
func libraryInMaps(maps io.Reader, name string) (string, error) {
	is := isLibrary(name)
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		// address permissions offset device inode path; the path may have spaces
		fields := strings.SplitN(lines.Text(), " ", 6)
		if len(fields) < 6 || !strings.Contains(fields[1], "x") {
			continue
		}
		file := strings.TrimLeft(fields[5], " ")
		file, deleted := strings.CutSuffix(file, " (deleted)")
		switch {
		case !strings.HasPrefix(file, "/") || !is.MatchString(path.Base(file)):
		case deleted:
			return mapFiles + fields[0], nil
		default:
			return file, nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", err
	}
	return "", ErrNoLibrary
}
