package bpfsys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

type elemAttr struct {
	fd    uint32
	_     uint32
	key   unsafe.Pointer
	value unsafe.Pointer // or the next key
	flags uint64
}

// elem uses RawSyscall: these operations never sleep for long, and telling the scheduler costs as much as they do.
func elem(cmd uintptr, a *elemAttr) error {
	_, _, errno := unix.RawSyscall(unix.SYS_BPF, cmd, uintptr(unsafe.Pointer(a)), unsafe.Sizeof(*a))
	if errno != 0 {
		return errno
	}
	return nil
}

// Lookup reads a value. The value's memory must be as large as the map says, for every possible CPU in per-CPU maps.
func Lookup(fd int, key, value unsafe.Pointer, flags uint64) error {
	return elem(unix.BPF_MAP_LOOKUP_ELEM, &elemAttr{fd: uint32(fd), key: key, value: value, flags: flags})
}

// Update writes a value.
func Update(fd int, key, value unsafe.Pointer, flags uint64) error {
	return elem(unix.BPF_MAP_UPDATE_ELEM, &elemAttr{fd: uint32(fd), key: key, value: value, flags: flags})
}

// Delete removes a key.
func Delete(fd int, key unsafe.Pointer) error {
	return elem(unix.BPF_MAP_DELETE_ELEM, &elemAttr{fd: uint32(fd), key: key})
}

// NextKey writes the key after key, or the first one where key is nil.
func NextKey(fd int, key, next unsafe.Pointer) error {
	return elem(unix.BPF_MAP_GET_NEXT_KEY, &elemAttr{fd: uint32(fd), key: key, value: next})
}
