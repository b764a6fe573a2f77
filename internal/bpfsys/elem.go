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

// elem uses RawSyscall where an operation never sleeps: telling the scheduler costs as much as it does.
func elem(cmd uintptr, a *elemAttr, sleeps bool) error {
	var errno unix.Errno
	if sleeps {
		_, _, errno = unix.Syscall(unix.SYS_BPF, cmd, uintptr(unsafe.Pointer(a)), unsafe.Sizeof(*a))
	} else {
		_, _, errno = unix.RawSyscall(unix.SYS_BPF, cmd, uintptr(unsafe.Pointer(a)), unsafe.Sizeof(*a))
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// Lookup reads a value. The value's memory must be as large as the map says, for every possible CPU in per-CPU maps.
func Lookup(fd int, key, value unsafe.Pointer, flags uint64) error {
	return elem(unix.BPF_MAP_LOOKUP_ELEM, &elemAttr{fd: uint32(fd), key: key, value: value, flags: flags}, false)
}

// Update writes a value. Maps of descriptors may sleep for that, until nobody uses the old one.
func Update(fd int, key, value unsafe.Pointer, flags uint64, sleeps bool) error {
	return elem(unix.BPF_MAP_UPDATE_ELEM, &elemAttr{fd: uint32(fd), key: key, value: value, flags: flags}, sleeps)
}

// Delete removes a key; it may sleep as [Update] does.
func Delete(fd int, key unsafe.Pointer, sleeps bool) error {
	return elem(unix.BPF_MAP_DELETE_ELEM, &elemAttr{fd: uint32(fd), key: key}, sleeps)
}

// NextKey writes the key after key, or the first one where key is nil.
func NextKey(fd int, key, next unsafe.Pointer) error {
	return elem(unix.BPF_MAP_GET_NEXT_KEY, &elemAttr{fd: uint32(fd), key: key, value: next}, false)
}
