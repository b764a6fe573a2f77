package table

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/testutil"

	"github.com/gobcc/bcc/internal/bpfsys"
	"github.com/gobcc/bcc/internal/fdguard"
)

// described makes a table of which the kernel knows nothing: enough for what is checked before the kernel is asked.
func described(t *testing.T, typ ebpf.MapType, keySize, valueSize, valueBuf int) *Raw {
	t.Helper()
	fd, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := &Raw{Description: Description{Name: "counts"}, fd: fdguard.New(fd), valueBuf: valueBuf,
		info: bpfsys.MapInfo{Type: uint32(typ), KeySize: uint32(keySize), ValueSize: uint32(valueSize), MaxEntries: 7}}
	t.Cleanup(func() {
		if err := r.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return r
}

type (
	pair struct {
		A uint32
		B [4]byte
	}
	padded struct {
		A uint8
		_ [7]byte
		B uint64
	}
	deep struct {
		In struct{ List [2]struct{ P *int } }
	}
	named     uint16
	generic   struct{ Any any }
	fixedList [0]uint64
)

func TestNotFixed(t *testing.T) {
	for _, good := range []any{
		int8(0), int16(0), int32(0), int64(0), uint8(0), uint16(0), uint32(0), uint64(0), float32(0), float64(0), named(0), [16]byte{}, [2][3]uint16{},
		struct{}{}, pair{}, padded{}, [4]padded{}, fixedList{},
	} {
		if bad := notFixed(reflect.TypeOf(good)); bad != "" {
			t.Errorf("%T: %s", good, bad)
		}
	}
	const size, memory = "has no fixed size: use a type such as uint32 or int64", "is not plain memory: use numbers of a fixed size, arrays and structs"
	for _, tt := range []struct {
		bad  any
		want string
	}{
		{int(0), "int " + size},
		{uint(0), "uint " + size},
		{uintptr(0), "uintptr " + size},
		{[4]int{}, "int " + size},
		{struct{ N uint }{}, "field N: uint " + size},
		{"", "string " + memory},
		{[]byte{}, "[]uint8 " + memory},
		{map[int]int{}, "map[int]int " + memory},
		{new(uint32), "*uint32 " + memory},
		{unsafe.Pointer(nil), "unsafe.Pointer " + memory},
		{func() {}, "func() " + memory},
		{make(chan int), "chan int " + memory},
		{complex64(0), "complex64 " + memory},
		{generic{}, "field Any: interface {} " + memory},
		{[0]string{}, "string " + memory},
		{deep{}, "field In: field List: field P: *int " + memory},
		{struct{ _ string }{}, "field _: string " + memory},
	} {
		if got := notFixed(reflect.TypeOf(tt.bad)); got != tt.want {
			t.Errorf("%T: %q, want %q", tt.bad, got, tt.want)
		}
	}
}

func TestNewChecksTypes(t *testing.T) {
	hash := described(t, ebpf.Hash, 8, 16, 16)
	perCPU := described(t, ebpf.PerCPUHash, 8, 4, 16)
	tests := []struct {
		name, want string
		err        error
	}{
		{"as it is", "", second(New[pair, padded](hash))},
		{"other types of the same size", "", second(New[[8]byte, [4]uint32](hash))},
		{"a key too small", "table counts: key type uint32 has 4 bytes, the table's key has 8", second(New[uint32, padded](hash))},
		{"a key too large", "table counts: key type table.padded has 16 bytes, the table's key has 8", second(New[padded, padded](hash))},
		{"a value too small", "table counts: value type table.pair has 8 bytes, the table's value has 16", second(New[pair, pair](hash))},
		{"an empty value", "table counts: value type struct {} has 0 bytes, the table's value has 16", second(New[pair, struct{}](hash))},
		{"a key without a size", "table counts: key type int: int has no fixed size", second(New[int, padded](hash))},
		{"a value that is a pointer", "table counts: value type *uint64: *uint64 is not plain memory", second(New[pair, *uint64](hash))},
		{"a text of the right size", "table counts: value type string: string is not plain memory", second(New[pair, string](hash))},
		{"any", "table counts: value type interface {}: interface {} is not plain memory", second(New[pair, any](hash))},
		{"a value for each CPU", "table counts has a value for each CPU: one uint32 cannot hold them", second(New[pair, uint32](perCPU))},
	}
	for _, tt := range tests {
		if tt.want == "" && tt.err != nil || tt.want != "" && (tt.err == nil || !strings.HasPrefix(tt.err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want %q", tt.name, tt.err, tt.want)
		}
	}
	got, err := New[pair, padded](hash)
	if err != nil || got.Raw != hash {
		t.Errorf("%+v, %v", got, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestBytesOfAWrongLength(t *testing.T) {
	r := described(t, ebpf.PerCPUArray, 4, 4, 16)
	good, long, value := make([]byte, 4), make([]byte, 5), make([]byte, 16)
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"get":          {second(r.Get(long)), "table counts: the key has 5 bytes, expected 4"},
		"get nothing":  {second(r.Get(nil)), "table counts: the key has 0 bytes, expected 4"},
		"set key":      {r.Set(long, value), "table counts: the key has 5 bytes, expected 4"},
		"set value":    {r.Set(good, good), "table counts: the value has 4 bytes, expected 16"},
		"update value": {r.Update(good, nil, UpdateExist), "table counts: the value has 0 bytes, expected 16"},
		"delete":       {r.Delete(long), "table counts: the key has 5 bytes, expected 4"},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("%s: error %v, want %q", name, tt.err, tt.want)
		}
	}
}

func TestFailed(t *testing.T) {
	r := described(t, ebpf.Hash, 4, 4, 4)
	for _, tt := range []struct {
		errno, is error
		want      string
	}{
		{unix.ENOENT, ErrNotExist, "key does not exist: no such file or directory"},
		{unix.EEXIST, ErrExist, "key exists already: file exists"},
		{unix.E2BIG, ErrFull, "table counts: update: table is full: argument list too long (7 entries)"},
		{unix.EINVAL, unix.EINVAL, "table counts (Hash): update: invalid argument"},
		{bpfsys.ErrNotSupp, bpfsys.ErrNotSupp, "table counts (Hash): update: errno 524"},
	} {
		err := r.failed("update", tt.errno)
		if !errors.Is(err, tt.is) || !errors.Is(err, tt.errno) || err.Error() != tt.want {
			t.Errorf("%v: %q, want %q that matches %v", tt.errno, err, tt.want, tt.is)
		}
		for _, other := range []error{ErrNotExist, ErrExist, ErrFull} {
			if other != tt.is && errors.Is(err, other) {
				t.Errorf("%v matches %v", tt.errno, other)
			}
		}
	}
}

func TestClosedTable(t *testing.T) {
	r := described(t, ebpf.Hash, 4, 4, 4)
	typed, err := New[uint32, uint32](r)
	if err != nil {
		t.Fatal(err)
	}
	if r.FD() < 0 {
		t.Errorf("FD() = %d", r.FD())
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4)
	walk, typedWalk := r.Iterate(), typed.Iterate()
	for range walk.All() {
		t.Error("an entry of a closed table")
	}
	for range typedWalk.All() {
		t.Error("an entry of a closed table")
	}
	for name, err := range map[string]error{
		"get": second(r.Get(b)), "set": r.Set(b, b), "delete": r.Delete(b), "clone": second(r.Clone()), "pin": r.Pin("/sys/fs/bpf/gobcc-none"),
		"walk": walk.Err(), "typed get": second(typed.Get(1)), "typed set": typed.Set(1, 1), "typed delete": typed.Delete(1), "typed walk": typedWalk.Err(),
	} {
		if !errors.Is(err, os.ErrClosed) || !strings.Contains(err.Error(), "table counts: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("close: %v", err)
	}
	if fd, _, ok := r.Hold(); ok || fd != -1 {
		t.Errorf("hold: %d, %v", fd, ok)
	}
	if r.FD() != -1 {
		t.Errorf("FD() = %d", r.FD())
	}
}

// A bool of another value than 0 and 1 is both true and false to Go, and the kernel's memory may hold any.
func TestBoolIsNotPlainMemory(t *testing.T) {
	if bad := notFixed(reflect.TypeFor[bool]()); bad == "" {
		t.Error("bool is taken")
	}
}

func TestHoldOfAClosedTable(t *testing.T) {
	r := described(t, ebpf.Hash, 4, 4, 4)
	r.Close()
	if _, done, ok := r.Hold(); !ok && done != nil {
		done()
	}
	if r.FD() != -1 {
		t.Errorf("closed, and FD() = %d", r.FD())
	}
	if err := r.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("another Close: %v", err)
	}
}

// Queues have no keys: an empty key is one that is not there.
func TestEmptyKeyOfAQueue(t *testing.T) {
	testutil.Root(t)
	m, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Queue, ValueSize: 4, MaxEntries: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	fd, err := unix.FcntlInt(uintptr(m.FD()), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		t.Fatal(err)
	}
	r, err := FromFD(fd, Description{Name: "waiting"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, key := range [][]byte{nil, {}} {
		if err := r.Set(key, []byte("abcd")); err != nil {
			t.Errorf("key %#v: %v", key, err)
		}
	}
	if typed, err := New[struct{}, uint32](r); err == nil {
		if _, err := typed.Get(struct{}{}); err != nil {
			t.Errorf("New takes it, and then: %v", err)
		}
	}
}
