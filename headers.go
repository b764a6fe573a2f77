package bcc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"runtime/metrics"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/headers"
)

// Headers says which kernel headers a program is compiled with: one of the constants, or a folder, as BCC_KERNEL_SOURCE
// names one to libbcc.
type Headers string

const (
	// HeadersAuto takes the folder of BCC_KERNEL_SOURCE where that is set. Otherwise headers are generated from the running
	// kernel's type information (HeadersBTF), and where that does not do, those of HeadersKernel are taken.
	HeadersAuto Headers = ""
	// HeadersBTF generates headers from the type information in /sys/kernel/btf, with what the program needs: nothing has to be
	// installed, the layouts are those of the kernel that runs, and compiling takes less time. Needs a kernel with BTF: 5.4 or
	// newer as a rule (CONFIG_DEBUG_INFO_BTF).
	HeadersBTF Headers = "btf"
	// HeadersKernel takes headers of the running kernel that are installed, from BCC_KERNEL_SOURCE or /lib/modules. Headers in
	// /lib/modules that are of another kernel are an error: structs would silently be read at wrong offsets.
	HeadersKernel Headers = "kernel"
)

const kernelSource = "BCC_KERNEL_SOURCE"

// headerSource is one way to get headers.
type headerSource struct {
	used string // for messages
	get  func(dir, source string, cflags []string) (*headerTree, error)
}

// headerTree is what libbcc is told of them.
type headerTree struct {
	env    []string
	cflags []string
	remove func()
}

// sources are the ways to get the headers that are asked for, in the order in which to try them.
func (h Headers) sources() ([]headerSource, error) {
	env := os.Getenv(kernelSource)
	switch {
	case strings.Contains(string(h), "/"):
		return []headerSource{folder(string(h), string(h))}, nil
	case h == HeadersBTF:
		return []headerSource{generated}, nil
	case h != HeadersAuto && h != HeadersKernel:
		return nil, fmt.Errorf("headers %q: expected auto (empty), %s, %s, or a folder with a / in it", string(h), HeadersBTF, HeadersKernel)
	case env != "":
		return []headerSource{folder(env, env+" (BCC_KERNEL_SOURCE)")}, nil
	case h == HeadersKernel:
		if err := installed(); err != nil {
			return nil, err
		}
		return []headerSource{ofLibbcc("/lib/modules")}, nil
	}
	var s []headerSource
	if _, err := os.Stat(kernelBTF); err == nil {
		s = append(s, generated)
	}
	if installed() == nil {
		s = append(s, ofLibbcc("/lib/modules"))
	}
	if len(s) == 0 {
		s = append(s, ofLibbcc("libbcc's own search")) // it knows of /sys/kernel/kheaders.tar.xz
	}
	return s, nil
}

// kernelBTF is the running kernel's type information.
const kernelBTF = "/sys/kernel/btf/vmlinux"

func folder(dir, used string) headerSource {
	return headerSource{used, func(string, string, []string) (*headerTree, error) {
		if _, err := os.Stat(filepath.Join(dir, "include/linux/kconfig.h")); err != nil {
			return nil, fmt.Errorf("no kernel headers there: %w", err)
		}
		return &headerTree{env: []string{kernelSource + "=" + dir}, remove: func() {}}, nil
	}}
}

func ofLibbcc(used string) headerSource {
	return headerSource{used, func(string, string, []string) (*headerTree, error) { return &headerTree{remove: func() {}}, nil }}
}

// generated makes a tree in a private folder, for one compile.
var generated = headerSource{"generated from " + kernelBTF, func(dir, source string, cflags []string) (*headerTree, error) {
	// Removing a folder takes a descriptor, of which there may be none by then.
	reserve, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "gobcc-headers-")
	if err != nil {
		reserve.Close()
		return nil, err
	}
	remove := func() {
		reserve.Close()
		removeTree(tmp)
	}
	// The child of an executable with more rights than its caller has only its caller's: let it in.
	if err := os.Chmod(tmp, 0o755); err != nil {
		remove()
		return nil, err
	}
	tree, err := headers.Generate(tmp, &headers.Request{Source: source, CFlags: cflags, Dir: dir})
	if err != nil {
		remove()
		return nil, err
	}
	giveBack()
	return &headerTree{[]string{kernelSource + "=" + tmp}, tree.CFlags, remove}, nil
}}

// giveBack returns the megabytes that making headers took, which a small process would keep for good. In a large one they do
// not matter, and looking through all of its memory takes time.
func giveBack() {
	const small = 32 << 20
	live := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	if metrics.Read(live); live[0].Value.Kind() == metrics.KindUint64 && live[0].Value.Uint64() < small {
		debug.FreeOSMemory()
	}
}

// removeTree is os.RemoveAll with one descriptor at a time.
func removeTree(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); e.IsDir() {
			removeTree(path)
		} else {
			os.Remove(path)
		}
	}
	os.Remove(dir)
}

// installed returns nil where headers of the running kernel are in /lib/modules.
func installed() error {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	release := unix.ByteSliceToString(u.Release[:])
	build := filepath.Join("/lib/modules", release, "build")
	if _, err := os.Stat(build); err != nil {
		return fmt.Errorf("no headers of the running kernel: %w", err)
	}
	found, err := releaseOf(build)
	if err != nil {
		return err
	}
	if found != release {
		return fmt.Errorf("the headers in %s are of Linux %s, and %s runs: structs would be read at wrong offsets", build, found, release)
	}
	return nil
}

var utsRelease = regexp.MustCompile(`UTS_RELEASE\s+"([^"]*)"`)

// releaseOf reads which kernel a tree of headers belongs to.
func releaseOf(build string) (string, error) {
	if b, err := os.ReadFile(filepath.Join(build, "include/config/kernel.release")); err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	b, err := os.ReadFile(filepath.Join(build, "include/generated/utsrelease.h"))
	if err != nil {
		return "", fmt.Errorf("the headers in %s do not say of which kernel they are: %w", build, err)
	}
	m := utsRelease.FindSubmatch(b)
	if m == nil {
		return "", errors.New("the headers in " + build + " do not say of which kernel they are")
	}
	return string(m[1]), nil
}

// lacking matches messages of what other headers may have.
var lacking = regexp.MustCompile(`file not found|unknown type name|undeclared|implicit declaration|incomplete|no member named`)

// mayHelp tells whether another way to get headers is worth a second compile.
func mayHelp(ds []Diagnostic) bool {
	for _, d := range ds {
		if lacking.MatchString(d.Message) {
			return true
		}
	}
	return false
}
