package table

import (
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/bpfsys"
	"github.com/gobcc/bcc/internal/fdguard"
)

// Type is the kernel's kind of a map.
type Type = ebpf.MapType

// Description is what is known of a table beyond what the kernel tells.
type Description struct {
	Name      string   // as in the source; the kernel keeps 15 bytes of it
	KeyDesc   string   // libbcc's JSON description of the key's type, "" where it has none
	ValueDesc string   // the same of the value
	Events    []string // fields of the records submitted to it, "name#type"
}

// Raw is a table of bytes. It is safe for concurrent use.
type Raw struct {
	Description
	fd   *fdguard.FD
	info bpfsys.MapInfo
	// valueBuf is the size of the memory that the kernel reads and writes for a value: for per-CPU tables a value for
	// each possible CPU, each rounded up to 8 bytes.
	valueBuf int
}

// FromFD makes a table of a map's descriptor, which it takes over: Close closes it, and so does an error here.
// Sizes come from the kernel.
func FromFD(fd int, d Description) (*Raw, error) {
	info, err := bpfsys.Info(fd)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("describe table %s: %w", d.Name, err)
	}
	if d.Name == "" {
		d.Name = bpfsys.Text(info.Name)
	}
	r := &Raw{Description: d, fd: fdguard.New(fd), info: info, valueBuf: int(info.ValueSize)}
	if r.PerCPU() {
		cpus, err := ebpf.PossibleCPU()
		if err != nil {
			r.Close()
			return nil, fmt.Errorf("table %s: %w", d.Name, err)
		}
		r.valueBuf = (int(info.ValueSize) + 7) / 8 * 8 * cpus
	}
	return r, nil
}

// Type is the kind of the table.
func (t *Raw) Type() Type { return Type(t.info.Type) }

// KeySize is the size of a key in bytes, 0 for queues, stacks and ring buffers.
func (t *Raw) KeySize() int { return int(t.info.KeySize) }

// ValueSize is the size of one value in bytes; of one CPU's value in per-CPU tables.
func (t *Raw) ValueSize() int { return int(t.info.ValueSize) }

// MaxEntries is how many entries the table can hold; for ring buffers, its size in bytes.
func (t *Raw) MaxEntries() int { return int(t.info.MaxEntries) }

// Flags are the BPF_F_… flags that the table was made with.
func (t *Raw) Flags() uint32 { return t.info.MapFlags }

// ID is the kernel's number for the map, as bpftool shows it.
func (t *Raw) ID() uint32 { return t.info.ID }

// PerCPU tells whether the table has a value for each CPU under one key.
func (t *Raw) PerCPU() bool {
	switch t.Type() {
	case ebpf.PerCPUHash, ebpf.PerCPUArray, ebpf.LRUCPUHash, ebpf.PerCPUCGroupStorage:
		return true
	}
	return false
}

// isArray tells whether keys are numbers of entries.
func (t *Raw) isArray() bool {
	switch t.Type() {
	case ebpf.Array, ebpf.PerCPUArray:
		return true
	}
	return false
}

// sleeps tells whether an update may wait in the kernel: where values are descriptors.
func (t *Raw) sleeps() bool {
	switch t.Type() {
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps, ebpf.ProgramArray, ebpf.PerfEventArray, ebpf.CGroupArray, ebpf.SockMap, ebpf.SockHash,
		ebpf.DevMap, ebpf.DevMapHash, ebpf.CPUMap, ebpf.XSKMap:
		return true
	}
	return false
}

// FD is the map's descriptor, -1 once it is closed. It belongs to the table.
func (t *Raw) FD() int { return t.fd.Int() }

// Hold returns the descriptor and keeps it open until done is called; false once it is closed.
func (t *Raw) Hold() (fd int, done func(), ok bool) {
	fd, ok = t.fd.Acquire()
	if !ok {
		return -1, func() {}, false
	}
	return fd, t.fd.Release, true
}

// Clone returns the map for use with github.com/cilium/ebpf. It has a descriptor of its own: the caller closes it.
func (t *Raw) Clone() (*ebpf.Map, error) {
	fd, ok := t.fd.Acquire()
	if !ok {
		return nil, t.closed()
	}
	defer t.fd.Release()
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("clone table %s: %w", t.Name, err)
	}
	return ebpf.NewMapFromFD(dup)
}

// Pin makes the table known under a path of a BPF file system, where it stays after the process.
func (t *Raw) Pin(path string) error {
	fd, ok := t.fd.Acquire()
	if !ok {
		return t.closed()
	}
	defer t.fd.Release()
	if err := bpfsys.ObjPin(fd, path); err != nil {
		return fmt.Errorf("pin table %s to %s: %w", t.Name, path, err)
	}
	return nil
}

// Close closes the descriptor; calls in flight finish first. The kernel keeps the map for as long as a program, a pin or
// another descriptor uses it. A second Close answers os.ErrClosed.
func (t *Raw) Close() error {
	if err := t.fd.Close(); err != nil {
		return fmt.Errorf("close table %s: %w", t.Name, err)
	}
	return nil
}

func (t *Raw) closed() error { return fmt.Errorf("table %s: %w", t.Name, os.ErrClosed) }

// Get returns the value of a key: in per-CPU tables the values of all possible CPUs, each rounded up to 8 bytes.
// The error is [ErrNotExist] where the key is not there.
//
// Python: TableBase.__getitem__
func (t *Raw) Get(key []byte) ([]byte, error) {
	if err := t.check(key, t.KeySize(), "key"); err != nil {
		return nil, err
	}
	value := make([]byte, t.valueBuf)
	if err := t.lookup(pointer(key), pointer(value)); err != nil {
		return nil, err
	}
	return value, nil
}

// Set writes the value of a key, new or not. Per-CPU tables take the values of all possible CPUs, each rounded up to 8
// bytes.
//
// Python: TableBase.__setitem__
func (t *Raw) Set(key, value []byte) error { return t.Update(key, value, UpdateAny) }

// Update is [Raw.Set] with flags.
func (t *Raw) Update(key, value []byte, f UpdateFlags) error {
	if err := t.check(key, t.KeySize(), "key"); err != nil {
		return err
	}
	if err := t.check(value, t.valueBuf, "value"); err != nil {
		return err
	}
	return t.update(pointer(key), pointer(value), f)
}

// Delete removes a key; [ErrNotExist] where it is not there. Entries of arrays cannot be removed: the error matches
// unix.EINVAL.
//
// Python: TableBase.__delitem__
func (t *Raw) Delete(key []byte) error {
	if err := t.check(key, t.KeySize(), "key"); err != nil {
		return err
	}
	return t.delete(pointer(key))
}

func (t *Raw) check(b []byte, want int, what string) error {
	if len(b) != want {
		return fmt.Errorf("table %s: the %s has %d bytes, expected %d", t.Name, what, len(b), want)
	}
	return nil
}
