package table

import (
	"fmt"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/bpfsys"
)

// UpdateFlags say what an update may do.
type UpdateFlags uint64

const (
	UpdateAny     UpdateFlags = unix.BPF_ANY     // write the entry, new or not
	UpdateNoExist UpdateFlags = unix.BPF_NOEXIST // only a new entry; otherwise ErrExist
	UpdateExist   UpdateFlags = unix.BPF_EXIST   // only an entry that is there; otherwise ErrNotExist
)

// Errors that callers tell apart. They match the kernel's errno as well.
var (
	ErrNotExist = fmt.Errorf("key does not exist: %w", unix.ENOENT)
	ErrExist    = fmt.Errorf("key exists already: %w", unix.EEXIST)
	ErrFull     = fmt.Errorf("table is full: %w", unix.E2BIG)
)

// failed turns an errno into the table's error.
func (t *Raw) failed(op string, err error) error {
	switch {
	case t.isArray() && (err == unix.E2BIG || err == unix.ENOENT):
		return fmt.Errorf("table %s: %s: %w: the table has %d entries", t.Name, op, ErrNotExist, t.MaxEntries())
	case t.Type() == ebpf.LPMTrie && err == unix.ENOSPC:
		err = unix.E2BIG
	}
	switch err {
	case unix.ENOENT:
		return ErrNotExist
	case unix.EEXIST:
		return ErrExist
	case unix.E2BIG:
		return fmt.Errorf("table %s: %s: %w (%d entries)", t.Name, op, ErrFull, t.MaxEntries())
	}
	return fmt.Errorf("table %s (%s): %s: %w", t.Name, t.Type(), op, err)
}

// pointer is where a slice's bytes are; nil for none, as the kernel wants it for the keys of a queue.
func pointer(b []byte) unsafe.Pointer {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(b))
}

func (t *Raw) lookup(key, value unsafe.Pointer) error {
	fd, ok := t.fd.Acquire()
	if !ok {
		return t.closed()
	}
	err := bpfsys.Lookup(fd, key, value, 0)
	t.fd.Release()
	if err != nil {
		return t.failed("look up", err)
	}
	return nil
}

func (t *Raw) update(key, value unsafe.Pointer, f UpdateFlags) error {
	fd, ok := t.fd.Acquire()
	if !ok {
		return t.closed()
	}
	err := bpfsys.Update(fd, key, value, uint64(f), t.sleeps())
	t.fd.Release()
	if err != nil {
		return t.failed("update", err)
	}
	return nil
}

func (t *Raw) delete(key unsafe.Pointer) error {
	fd, ok := t.fd.Acquire()
	if !ok {
		return t.closed()
	}
	err := bpfsys.Delete(fd, key, t.sleeps())
	t.fd.Release()
	if err != nil {
		return t.failed("delete", err)
	}
	return nil
}

// next writes the key after key; ErrNotExist at the end.
func (t *Raw) next(key, next unsafe.Pointer) error {
	fd, ok := t.fd.Acquire()
	if !ok {
		return t.closed()
	}
	err := bpfsys.NextKey(fd, key, next)
	t.fd.Release()
	if err != nil {
		return t.failed("walk", err)
	}
	return nil
}
