// Package bpfsys makes the bpf(2) calls that github.com/cilium/ebpf does not offer as they are needed here: maps and
// programs from ready-made attributes, and map access without that package's marshalling.
package bpfsys

import (
	"bytes"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrNotSupp is the kernel's internal ENOTSUPP, which it returns to user space for operations that a map type lacks.
const ErrNotSupp = unix.Errno(524)

const nameLen = unix.BPF_OBJ_NAME_LEN

// Name is an object's name as the kernel takes it: cut to 15 bytes.
func Name(s string) (n [nameLen]byte) {
	copy(n[:nameLen-1], s)
	return n
}

// MapCreateAttr is the part of union bpf_attr for BPF_MAP_CREATE that libbcc fills.
type MapCreateAttr struct {
	MapType               uint32
	KeySize               uint32
	ValueSize             uint32
	MaxEntries            uint32
	MapFlags              uint32
	InnerMapFd            uint32
	NumaNode              uint32
	MapName               [nameLen]byte
	MapIfindex            uint32
	BtfFd                 uint32
	BtfKeyTypeID          uint32
	BtfValueTypeID        uint32
	BtfVmlinuxValueTypeID uint32
	MapExtra              uint64
}

// DecodeMapCreate reads the attributes from bytes that may be shorter or longer, as kernels take them.
func DecodeMapCreate(b []byte) (a MapCreateAttr) {
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&a)), unsafe.Sizeof(a)), b)
	return a
}

// Text returns the name up to its first NUL.
func Text(name [nameLen]byte) string {
	b, _, _ := bytes.Cut(name[:], []byte{0})
	return string(b)
}

// MapCreate makes a map and returns its descriptor.
func MapCreate(a *MapCreateAttr) (int, error) {
	// Kernels refuse attributes that they do not know unless they are zero, and one not filled can be left out.
	size := unsafe.Sizeof(*a)
	if a.MapExtra == 0 {
		size = unsafe.Offsetof(a.MapExtra)
	}
	return newFD(unix.BPF_MAP_CREATE, unsafe.Pointer(a), size)
}

// Program is what a program is loaded from.
type Program struct {
	Type               uint32
	ExpectedAttachType uint32
	AttachBTFID        uint32
	AttachBTFObjFD     uint32
	Name               string
	License            string
	KernelVersion      uint32
	Flags              uint32
	Ifindex            uint32
	Code               []byte // instructions of 8 bytes, with descriptors in place
	BTF                int    // descriptor, 0: none
	FuncInfoSize       uint32
	FuncInfo           []byte
	LineInfoSize       uint32
	LineInfo           []byte
}

type progLoadAttr struct {
	progType           uint32
	insnCnt            uint32
	insns              unsafe.Pointer
	license            unsafe.Pointer
	logLevel           uint32
	logSize            uint32
	logBuf             unsafe.Pointer
	kernVersion        uint32
	progFlags          uint32
	progName           [nameLen]byte
	progIfindex        uint32
	expectedAttachType uint32
	progBtfFd          uint32
	funcInfoRecSize    uint32
	funcInfo           unsafe.Pointer
	funcInfoCnt        uint32
	lineInfoRecSize    uint32
	lineInfo           unsafe.Pointer
	lineInfoCnt        uint32
	attachBtfID        uint32
	attachBtfObjFd     uint32
	_                  uint32
}

// ProgLoad loads a program and returns its descriptor. The verifier writes into log when level is not zero.
func ProgLoad(p *Program, level uint32, log []byte) (int, error) {
	license := append([]byte(p.License), 0)
	a := progLoadAttr{
		progType: p.Type, insnCnt: uint32(len(p.Code) / 8), insns: data(p.Code), license: data(license),
		kernVersion: p.KernelVersion, progFlags: p.Flags, progName: Name(p.Name), progIfindex: p.Ifindex,
		expectedAttachType: p.ExpectedAttachType, attachBtfID: p.AttachBTFID, attachBtfObjFd: p.AttachBTFObjFD,
	}
	if level > 0 {
		a.logLevel, a.logSize, a.logBuf = level, uint32(len(log)), data(log)
	}
	if p.BTF > 0 {
		a.progBtfFd = uint32(p.BTF)
		a.funcInfoRecSize, a.funcInfo, a.funcInfoCnt = records(p.FuncInfoSize, p.FuncInfo)
		a.lineInfoRecSize, a.lineInfo, a.lineInfoCnt = records(p.LineInfoSize, p.LineInfo)
	}
	defer runtime.KeepAlive(license)
	fd, err := newFD(unix.BPF_PROG_LOAD, unsafe.Pointer(&a), unsafe.Sizeof(a))
	if err == unix.EAGAIN { // a signal interrupted the verifier
		withoutSignals(func() { fd, err = newFD(unix.BPF_PROG_LOAD, unsafe.Pointer(&a), unsafe.Sizeof(a)) })
	}
	return fd, err
}

// withoutSignals calls f on a thread to which no signal is delivered meanwhile.
func withoutSignals(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, old unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	if unix.PthreadSigmask(unix.SIG_SETMASK, &all, &old) == nil {
		defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	}
	f()
}

func records(size uint32, b []byte) (uint32, unsafe.Pointer, uint32) {
	if size == 0 || len(b) == 0 {
		return 0, nil, 0
	}
	return size, data(b), uint32(len(b)) / size
}

type btfLoadAttr struct {
	btf, logBuf                   unsafe.Pointer
	btfSize, logSize, logLevel, _ uint32
}

// BTFLoad loads type information and returns its descriptor. The kernel writes into log where that is not empty.
func BTFLoad(blob, log []byte) (int, error) {
	a := btfLoadAttr{btf: data(blob), btfSize: uint32(len(blob))}
	if len(log) > 0 {
		a.logBuf, a.logSize, a.logLevel = data(log), uint32(len(log)), 1
	}
	return newFD(unix.BPF_BTF_LOAD, unsafe.Pointer(&a), unsafe.Sizeof(a))
}

type objAttr struct {
	pathname unsafe.Pointer
	fd       uint32
	flags    uint32
}

// ObjGet opens a pinned object.
func ObjGet(path string) (int, error) {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return -1, err
	}
	return newFD(unix.BPF_OBJ_GET, unsafe.Pointer(&objAttr{pathname: unsafe.Pointer(p)}), unsafe.Sizeof(objAttr{}))
}

// ObjPin pins an object.
func ObjPin(fd int, path string) error {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return err
	}
	_, err = call(unix.BPF_OBJ_PIN, unsafe.Pointer(&objAttr{pathname: unsafe.Pointer(p), fd: uint32(fd)}), unsafe.Sizeof(objAttr{}))
	return err
}

// MapInfo is the part of struct bpf_map_info that is the same on every kernel that has it.
type MapInfo struct {
	Type, ID, KeySize, ValueSize, MaxEntries, MapFlags uint32
	Name                                               [nameLen]byte
}

type infoAttr struct {
	fd, length uint32
	info       unsafe.Pointer
}

// Info describes a map.
func Info(fd int) (MapInfo, error) {
	var i MapInfo
	a := infoAttr{uint32(fd), uint32(unsafe.Sizeof(i)), unsafe.Pointer(&i)}
	_, err := call(unix.BPF_OBJ_GET_INFO_BY_FD, unsafe.Pointer(&a), unsafe.Sizeof(a))
	return i, err
}

// data returns where a slice's bytes are, nil for an empty one.
func data(b []byte) unsafe.Pointer {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(b))
}

func call(cmd uintptr, attr unsafe.Pointer, size uintptr) (int, error) {
	r, _, errno := unix.Syscall(unix.SYS_BPF, cmd, uintptr(attr), size)
	if errno != 0 {
		return -1, errno
	}
	return int(r), nil
}

func newFD(cmd uintptr, attr unsafe.Pointer, size uintptr) (int, error) {
	fd, err := call(cmd, attr, size)
	if err != nil {
		return -1, err
	}
	// Descriptors of bpf(2) are closed on exec already. One below 3 would be taken for stdin, stdout or stderr by children.
	if fd > 2 {
		return fd, nil
	}
	up, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	unix.Close(fd)
	return up, err
}
