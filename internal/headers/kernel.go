package headers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// kernelBTFFile is the type information of the running kernel; that of its modules is beside it.
const kernelBTFFile = "/sys/kernel/btf/vmlinux"

// A kernel is the type information of a kernel and its modules.
type kernel struct {
	*btfFile
	dir, name string
	unmap     func()
}

func openKernel(path string) (*kernel, error) {
	b, unmap, err := contents(path)
	if err != nil {
		return nil, fmt.Errorf("the kernel's type information: %w", err)
	}
	f, err := openBTF(b, nil)
	if err != nil {
		unmap()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &kernel{f, filepath.Dir(path), filepath.Base(path), unmap}, nil
}

// close ends the use of all types that have not been decoded.
func (k *kernel) close() { k.unmap() }

// contents returns what is in a file. The running kernel's type information, some megabytes that are in memory anyway, is
// mapped where the kernel can do that, since 6.16; it never changes, as other files may.
func contents(path string) (b []byte, unmap func(), err error) {
	if strings.HasPrefix(path, "/sys/kernel/btf/") {
		if b, err := mapped(path); err == nil {
			return b, func() { unix.Munmap(b) }, nil
		}
	}
	b, err = os.ReadFile(path)
	return b, func() {}, err
}

func mapped(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
}

// findInModules adds to found what modules have of the wanted names, for as long as missing tells of types that nothing has
// so far. Modules are looked through in the order of their names.
func (k *kernel) findInModules(found *findings, wanted map[string]bool, missing func() []tag) error {
	absent := missing()
	if len(absent) == 0 {
		return nil
	}
	modules, err := os.ReadDir(k.dir) // sorted
	if err != nil {
		return err
	}
	for _, m := range modules {
		if m.Name() == k.name || len(absent) == 0 {
			continue
		}
		b, err := os.ReadFile(filepath.Join(k.dir, m.Name()))
		if err != nil || !hasAny(b, absent) {
			continue // it was unloaded just now, or has nothing of interest
		}
		if err := k.findIn(found, wanted, b); err != nil {
			return fmt.Errorf("%s: %w", m.Name(), err)
		}
		absent = missing()
	}
	return nil
}

func (k *kernel) findIn(found *findings, wanted map[string]bool, module []byte) error {
	f, err := openBTF(module, k.btfFile)
	if err != nil {
		return err
	}
	more, err := f.find(wanted)
	if err == nil {
		found.merge(more)
	}
	return err
}

// hasAny tells whether one of the tags is among a file's texts.
func hasAny(b []byte, tags []tag) bool {
	for _, t := range tags {
		if bytes.Contains(b, []byte("\x00"+t.name+"\x00")) {
			return true
		}
	}
	return false
}
