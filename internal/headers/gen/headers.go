package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// headers runs gcc over the kernel's headers and no others: those of a C library would bring their own macros.
type headers struct {
	dir     string // links to the kernel's headers, and empty files for others that they include
	gcc     string // folder of gcc's own headers
	builtin map[string]bool
}

func newHeaders(include, asm string) (*headers, error) {
	dir, err := os.MkdirTemp("", "gen")
	if err != nil {
		return nil, err
	}
	h := &headers{dir: dir}
	for _, name := range []string{"linux", "asm-generic", "rdma", "scsi", "drm"} {
		if err := os.Symlink(filepath.Join(include, name), filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	if err := os.Symlink(filepath.Join(asm, "asm"), filepath.Join(dir, "asm")); err != nil {
		return nil, err
	}
	// gcc's own would go on to that of a C library.
	if err := os.WriteFile(filepath.Join(dir, "limits.h"), nil, 0o644); err != nil {
		return nil, err
	}
	own, err := exec.Command("gcc", "-print-file-name=include").Output()
	if err != nil {
		return nil, err
	}
	h.gcc = strings.TrimSpace(string(own))
	h.builtin = map[string]bool{}
	text, err := h.macros("")
	for _, l := range strings.Split(text, "\n") {
		h.builtin[nameOf(strings.TrimPrefix(l, "#define "))] = true
	}
	return h, err
}

func (h *headers) close() { os.RemoveAll(h.dir) }

var noFile = regexp.MustCompile(`fatal error: (\S+): No such file`)

// macros returns gcc's list of macros after a text. Headers of the C library that are missing become empty.
func (h *headers) macros(text string) (string, error) {
	for {
		cmd := exec.Command("gcc", append(h.options(), "-E", "-dM", "-")...)
		cmd.Stdin = strings.NewReader(text)
		var complaints strings.Builder
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		if err == nil {
			return string(out), nil
		}
		m := noFile.FindStringSubmatch(complaints.String())
		if m == nil || strings.HasPrefix(m[1], "linux/") || strings.HasPrefix(m[1], "asm/") {
			return "", errors.New(complaints.String())
		}
		path := filepath.Join(h.dir, m[1])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			return "", err
		}
	}
}

// options make gcc find no headers but these, and read C from its input.
func (h *headers) options() []string {
	return []string{"-ffreestanding", "-nostdinc", "-isystem", h.gcc, "-I", h.dir, "-xc"}
}

// files are the headers in a folder, "linux/fs.h", without those for programs of 32 bits.
func (h *headers) files(folder string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(h.dir, folder, "*.h"))
	paths = slices.DeleteFunc(paths, func(p string) bool { return strings.HasSuffix(p, "32.h") })
	for i, p := range paths {
		paths[i] = folder + "/" + filepath.Base(p)
	}
	if len(paths) == 0 && err == nil {
		err = fmt.Errorf("no headers in %s", folder)
	}
	return paths, err
}
