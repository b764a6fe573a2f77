package testutil

import (
	"os"
	"os/exec"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func init() {
	helpers["nothing"] = func(t *testing.T) {
		Leaks(t)
		r, w, _ := os.Pipe() // the runtime opens its epoll at the latest now
		t.Cleanup(func() { r.Close(); w.Close() })
		if err := exec.Command("true").Run(); err != nil {
			t.Error(err)
		}
	}
	helpers["late"] = func(t *testing.T) {
		f, _ := os.Open("/dev/zero")
		go func() { time.Sleep(200 * time.Millisecond); f.Close() }()
	}
	helpers["fd"] = func(*testing.T) { openZero() }
	helpers["replaced"] = func(t *testing.T) {
		fd := openZero()
		if err := unix.Dup3(fd, 0, 0); err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
	}
	helpers["eventfd"] = func(*testing.T) { unix.Eventfd(0, unix.EFD_CLOEXEC) }
	helpers["map"] = func(t *testing.T) { arrayMap(t, 0) }
	helpers["mapping"] = func(t *testing.T) {
		fd := arrayMap(t, unix.BPF_F_MMAPABLE)
		if _, err := unix.Mmap(fd, 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_SHARED); err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
	}
	helpers["program"] = func(t *testing.T) { program(t) }
	helpers["goroutine"] = func(*testing.T) { go forever() }
	helpers["child"] = func(*testing.T) { start("sleep", "3").Release() }
	helpers["zombie"] = func(*testing.T) { start("true").Release() }
	helpers["pidfd"] = func(*testing.T) { os.FindProcess(os.Getpid()) }
	helpers["forgotten"] = func(*testing.T) { os.Open("/dev/zero") }
	helpers["orphan"] = func(*testing.T) { exec.Command("sh", "-c", "sleep 3.5 &").Run() }
	helpers["failed"] = func(t *testing.T) { openZero(); t.Error("it failed by itself") }
	helpers["named"] = func(t *testing.T) {
		t.Run("good", func(t *testing.T) { Leaks(t) })
		t.Run("bad", func(t *testing.T) { Leaks(t); openZero() })
		t.Run("next", func(t *testing.T) { Leaks(t) })
	}
}

func openZero() int {
	fd, _ := unix.Open("/dev/zero", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	return fd
}

func start(name string, args ...string) *os.Process {
	cmd := exec.Command(name, args...)
	cmd.Start()
	return cmd.Process
}

func forever() { select {} }

func arrayMap(t *testing.T, flags uint32) int {
	attr := struct {
		kind, key, value, entries, flags, inner, node uint32
		name                                          [unix.BPF_OBJ_NAME_LEN]byte
	}{kind: unix.BPF_MAP_TYPE_ARRAY, key: 4, value: 8, entries: 4, flags: flags}
	copy(attr.name[:], "leaked_map")
	return bpf(t, unix.BPF_MAP_CREATE, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
}

func program(t *testing.T) int {
	code := []uint64{0xb7, 0x95} // r0 = 0; exit
	license := []byte("GPL\x00")
	attr := struct {
		kind, count    uint32
		code, license  unsafe.Pointer
		level, size    uint32
		log            unsafe.Pointer
		version, flags uint32
		name           [unix.BPF_OBJ_NAME_LEN]byte
	}{kind: unix.BPF_PROG_TYPE_SOCKET_FILTER, count: 2, code: unsafe.Pointer(&code[0]), license: unsafe.Pointer(&license[0])}
	copy(attr.name[:], "leaked_prog")
	return bpf(t, unix.BPF_PROG_LOAD, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
}

func bpf(t *testing.T, cmd uintptr, attr unsafe.Pointer, size uintptr) int {
	t.Helper()
	fd, _, errno := unix.Syscall(unix.SYS_BPF, cmd, uintptr(attr), size)
	if errno != 0 {
		t.Fatal("bpf:", errno)
	}
	return int(fd)
}
