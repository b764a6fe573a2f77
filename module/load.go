package module

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/bpfsys"
	"github.com/gobcc/bcc/internal/caps"
	"github.com/gobcc/bcc/internal/fdguard"
	"github.com/gobcc/bcc/table"
)

// LoadOptions say how an object is loaded. Nil and every zero value mean the default.
type LoadOptions struct {
	// KeepMemlock keeps RLIMIT_MEMLOCK as it is. By default it is raised to infinity once a kernel before 5.11, which
	// counts maps and programs against it, refuses one. That needs CAP_SYS_RESOURCE.
	KeepMemlock bool
	// Device is the network device whose hardware holds the tables; default: the kernel does.
	Device string
	// Debug and DebugOutput ask for the verifier's and the kernel's messages. Default: none.
	Debug       DebugFlags
	DebugOutput io.Writer
}

// loader brings one object into the kernel.
type loader struct {
	obj     *Object
	opts    LoadOptions
	ifindex uint32
	btf     int // descriptor, 0: none
	btfErr  error
	fds     []int // of the tables, by index; -1: not yet
}

// Load makes the tables of an object in the kernel. Programs follow by [Module.Load].
//
// The error is a [*LoadError] where the kernel refused something; it wraps the errno.
func Load(obj *Object, o *LoadOptions) (*Module, error) {
	if obj == nil {
		return nil, errors.New("load object: there is none")
	}
	if err := obj.Validate(); err != nil {
		return nil, fmt.Errorf("load object: %w", err)
	}
	l := loader{obj: obj, fds: make([]int, len(obj.Tables))}
	if o != nil {
		l.opts = *o
	}
	for i := range l.fds {
		l.fds[i] = -1
	}
	m, err := l.load()
	if err != nil {
		l.undo()
		return nil, err
	}
	return m, nil
}

func (l *loader) undo() {
	for _, fd := range l.fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	if l.btf > 0 {
		unix.Close(l.btf)
	}
}

func (l *loader) load() (*Module, error) {
	if l.opts.Device != "" {
		dev, err := net.InterfaceByName(l.opts.Device)
		if err != nil {
			return nil, fmt.Errorf("load object: device %s: %w", l.opts.Device, err)
		}
		l.ifindex = uint32(dev.Index)
	}
	l.loadBTF()
	// Tables that describe other tables' values come first.
	for _, outer := range []bool{false, true} {
		for i := range l.obj.Tables {
			if t := &l.obj.Tables[i]; (t.Inner >= 0) == outer {
				fd, err := l.table(t)
				if err != nil {
					return nil, err
				}
				l.fds[i] = fd
			}
		}
	}
	m := &Module{obj: l.obj, opts: l.opts}
	for i := range l.obj.Tables {
		t := &l.obj.Tables[i]
		fd := l.fds[i]
		l.fds[i] = -1
		raw, err := table.FromFD(fd, table.Description{Name: t.Name, KeyDesc: t.KeyDesc, ValueDesc: t.ValueDesc, Events: t.Events})
		if err != nil {
			m.closeTables()
			return nil, err
		}
		m.tables = append(m.tables, raw)
	}
	if l.btf > 0 {
		m.btf = fdguard.New(l.btf)
	}
	m.open()
	return m, nil
}

// loadBTF goes on without type information where the kernel refuses it, as libbcc does. A table that cannot do without
// (one with a lock in it, storages) then names the reason.
func (l *loader) loadBTF() {
	if len(l.obj.BTF) == 0 {
		return
	}
	fd, err := bpfsys.BTFLoad(l.obj.BTF, nil)
	if err != nil {
		l.btfErr = err
		l.explainBTF()
		return
	}
	l.btf = fd
}

// explainBTF prints why the kernel refuses the type information, if that is asked for.
func (l *loader) explainBTF() {
	if l.opts.Debug&DebugBTF == 0 {
		return
	}
	log := make([]byte, maxLog)
	fd, err := bpfsys.BTFLoad(l.obj.BTF, log)
	if err == nil {
		unix.Close(fd)
	}
	l.opts.print(fmt.Sprintf("the kernel refuses the type information: %v\n%s", l.btfErr, cString(log)))
}

func (o *LoadOptions) print(s string) {
	if o.DebugOutput != nil {
		io.WriteString(o.DebugOutput, s)
	}
}

func cString(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}

func (l *loader) table(t *Table) (int, error) {
	switch {
	case t.Extern:
		return publicTables.open(t)
	case t.PinPath != "":
		return l.pinned(t)
	}
	return l.create(t)
}

// pinned opens the table that is pinned at the path, or makes it and pins it there.
func (l *loader) pinned(t *Table) (int, error) {
	for {
		fd, err := bpfsys.ObjGet(t.PinPath)
		if err == nil {
			return l.adopt(t, fd)
		}
		if !errors.Is(err, unix.ENOENT) {
			return -1, l.failed(t, fmt.Errorf("open its pin %s: %w", t.PinPath, err))
		}
		fd, err = l.create(t)
		if err != nil {
			return -1, err
		}
		err = pin(fd, t.PinPath)
		if err == nil {
			return fd, nil
		}
		unix.Close(fd)
		if !errors.Is(err, unix.EEXIST) { // otherwise another process was faster: take its table
			return -1, l.failed(t, fmt.Errorf("pin to %s: %w", t.PinPath, err))
		}
	}
}

func pin(fd int, path string) error {
	var fs unix.Statfs_t
	there := filepath.Dir(path)
	err := unix.Statfs(there, &fs)
	for err == unix.ENOENT {
		there = filepath.Dir(there)
		err = unix.Statfs(there, &fs)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", there, err)
	}
	if fs.Type != unix.BPF_FS_MAGIC {
		return fmt.Errorf("%s is not on a BPF file system: mount -t bpf bpf /sys/fs/bpf, and pin below it", filepath.Dir(path))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return bpfsys.ObjPin(fd, path)
}

// adopt checks that a pinned table is what the program was compiled for.
func (l *loader) adopt(t *Table, fd int) (int, error) {
	info, err := bpfsys.Info(fd)
	if err == nil && (info.Type != uint32(t.Type) || info.KeySize != t.KeySize || info.ValueSize != t.ValueSize) {
		err = fmt.Errorf("the table pinned at %s is another one: %s with keys of %d and values of %d bytes, expected %s, %d and %d",
			t.PinPath, table.Type(info.Type), info.KeySize, info.ValueSize, t.Type, t.KeySize, t.ValueSize)
	}
	if err != nil {
		unix.Close(fd)
		return -1, l.failed(t, err)
	}
	return fd, nil
}

// create makes a table, in libbcc's order of attempts: as described, with a higher memory limit, without types where the
// kernel takes none for it, without a name, and once more with a higher limit.
func (l *loader) create(t *Table) (int, error) {
	a := bpfsys.MapCreateAttr{MapType: uint32(t.Type), KeySize: t.KeySize, ValueSize: t.ValueSize, MaxEntries: t.MaxEntries,
		MapFlags: t.Flags, MapName: bpfsys.Name(t.Name), MapIfindex: l.ifindex}
	if t.Inner >= 0 {
		a.InnerMapFd = uint32(l.fds[t.Inner])
	}
	if l.btf > 0 && (t.BTFKey != 0 || t.BTFValue != 0) {
		a.BtfFd, a.BtfKeyTypeID, a.BtfValueTypeID = uint32(l.btf), t.BTFKey, t.BTFValue
	}
	fd, err := bpfsys.MapCreate(&a)
	if err == unix.EPERM && l.opts.raiseMemlock() {
		fd, err = bpfsys.MapCreate(&a)
	}
	// Since kernel 4.20 a trie's key must be a struct, if its type is given at all: BPF_LPM_TRIE's default key is a u64.
	wrongTypes := err == bpfsys.ErrNotSupp || err == unix.EINVAL && t.Type == table.Type(unix.BPF_MAP_TYPE_LPM_TRIE)
	if wrongTypes && a.BtfFd != 0 {
		a.BtfFd, a.BtfKeyTypeID, a.BtfValueTypeID = 0, 0, 0
		fd, err = bpfsys.MapCreate(&a)
	}
	if err == unix.E2BIG || err == unix.EINVAL {
		a.MapName = bpfsys.Name("")
		fd, err = bpfsys.MapCreate(&a)
	}
	if err == unix.EPERM && l.opts.raiseMemlock() {
		fd, err = bpfsys.MapCreate(&a)
	}
	if err != nil {
		return -1, l.failed(t, err)
	}
	return fd, nil
}

// raiseMemlock tells whether the limit was raised.
func (o *LoadOptions) raiseMemlock() bool {
	var old unix.Rlimit
	if o.KeepMemlock || unix.Getrlimit(unix.RLIMIT_MEMLOCK, &old) != nil || old.Cur == unix.RLIM_INFINITY {
		return false
	}
	return unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}) == nil
}

// memlockHint is for kernels before 5.11, which say the same of a limit that is reached as of a missing right.
func memlockHint() string {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) != nil || limit.Cur == unix.RLIM_INFINITY {
		return ""
	}
	return fmt.Sprintf("kernels before 5.11 count this against RLIMIT_MEMLOCK, which is %d bytes: raise it", limit.Cur)
}

func (l *loader) failed(t *Table, err error) error {
	e := &LoadError{What: "table " + t.Name, Type: t.Type.String(), Err: err}
	switch {
	case errors.Is(err, unix.EPERM):
		e.Hint = cmp.Or(caps.Hint(caps.BPF), memlockHint())
	case errors.Is(err, unix.EINVAL) && l.btfErr != nil:
		e.Hint = fmt.Sprintf("it may need type information, which the kernel refused: %v", l.btfErr)
	case errors.Is(err, unix.EINVAL) && len(l.obj.BTF) == 0 && strings.HasSuffix(t.Type.String(), "Storage"):
		e.Hint = "it needs type information, which libbcc makes only for a program with a function"
	}
	return e
}
