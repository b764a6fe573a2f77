package table_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/testutil"
	"github.com/gobcc/bcc/table"
)

// made makes a table of its own in the kernel.
func made(t *testing.T, spec *ebpf.MapSpec) *table.Raw {
	t.Helper()
	testutil.Root(t)
	m, err := ebpf.NewMap(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	fd, err := unix.FcntlInt(uintptr(m.FD()), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := table.FromFD(fd, table.Description{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	return raw
}

type key struct{ A, B uint32 }

func newHash(t *testing.T, entries uint32) *table.Table[key, uint64] {
	t.Helper()
	typed, err := table.New[key, uint64](made(t, &ebpf.MapSpec{Name: "hash", Type: ebpf.Hash, KeySize: 8, ValueSize: 8, MaxEntries: entries}))
	if err != nil {
		t.Fatal(err)
	}
	return typed
}

func TestHash(t *testing.T) {
	h := newHash(t, 3)
	k := key{1, 2}
	if _, err := h.Get(k); err != table.ErrNotExist || !errors.Is(err, unix.ENOENT) {
		t.Errorf("a key that is not there: %v", err)
	}
	if err := h.Update(k, 5, table.UpdateExist); !errors.Is(err, table.ErrNotExist) {
		t.Errorf("updating it: %v", err)
	}
	if err := h.Set(k, 5); err != nil {
		t.Fatal(err)
	}
	if err := h.Update(k, 6, table.UpdateNoExist); !errors.Is(err, table.ErrExist) {
		t.Errorf("making it again: %v", err)
	}
	if v, err := h.Get(k); v != 5 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
	b, err := h.Raw.Get([]byte{1, 0, 0, 0, 2, 0, 0, 0})
	if err != nil || len(b) != 8 || b[0] != 5 {
		t.Errorf("as bytes: %v, %v", b, err)
	}
	for i := range uint32(2) {
		if err := h.Set(key{i + 10, 0}, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Set(key{99, 0}, 1); !errors.Is(err, table.ErrFull) || !errors.Is(err, unix.E2BIG) || !strings.Contains(err.Error(), "3 entries") {
		t.Errorf("a fourth entry of three: %v", err)
	}
	if err := h.Delete(k); err != nil {
		t.Error(err)
	}
	if err := h.Delete(k); !errors.Is(err, table.ErrNotExist) {
		t.Errorf("deleting it again: %v", err)
	}
}

func TestWalk(t *testing.T) {
	const n = 1000
	h := newHash(t, n)
	for i := range uint32(n) {
		if err := h.Set(key{i, i}, uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[uint32]bool{}
	it := h.Iterate()
	for k, v := range it.All() {
		if k.A != k.B || uint64(k.A) != v {
			t.Fatalf("%v: %d", k, v)
		}
		seen[k.A] = true
	}
	if len(seen) != n || it.Err() != nil {
		t.Errorf("%d entries, %v", len(seen), it.Err())
	}

	// The entry that the walk is at may be deleted.
	deleted := 0
	it = h.Iterate()
	for k := range it.All() {
		if err := h.Delete(k); err != nil {
			t.Fatal(err)
		}
		deleted++
	}
	if deleted != n || it.Err() != nil {
		t.Errorf("%d entries deleted, %v", deleted, it.Err())
	}
	for range h.Iterate().All() {
		t.Fatal("an entry is left")
	}
}

// A walk ends, even when every entry is deleted and made anew under it.
func TestWalkEnds(t *testing.T) {
	h := newHash(t, 100)
	for i := range uint32(50) {
		h.Set(key{i, 0}, 0)
	}
	steps, fresh := 0, uint32(1000)
	for range h.Iterate().All() {
		for old := range h.Iterate().All() {
			h.Delete(old)
			h.Set(key{fresh, 0}, 0)
			fresh++
			break
		}
		if steps++; steps > 1000 {
			t.Fatal("the walk does not end")
		}
	}
}

func TestArray(t *testing.T) {
	a, err := table.New[uint32, [3]uint16](made(t, &ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 6, MaxEntries: 4}))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Set(3, [3]uint16{1, 2, 3}); err != nil {
		t.Error(err)
	}
	if v, err := a.Get(3); v != [3]uint16{1, 2, 3} || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	if _, err := a.Get(4); !errors.Is(err, table.ErrNotExist) {
		t.Errorf("past the end: %v", err)
	}
	if err := a.Set(4, [3]uint16{}); !errors.Is(err, table.ErrNotExist) || !strings.Contains(err.Error(), "4 entries") {
		t.Errorf("writing past the end: %v", err)
	}
	if err := a.Delete(1); !errors.Is(err, unix.EINVAL) {
		t.Errorf("deleting from an array: %v", err)
	}
	n := 0
	for k := range a.Iterate().All() {
		if k != uint32(n) {
			t.Errorf("entry %d comes as number %d", k, n)
		}
		n++
	}
	if n != 4 {
		t.Errorf("%d entries", n)
	}
}

// One value for each possible CPU, each rounded up to 8 bytes, whatever its size.
func TestPerCPUBytes(t *testing.T) {
	raw := made(t, &ebpf.MapSpec{Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 3, MaxEntries: 2})
	cpus, err := ebpf.PossibleCPU()
	if err != nil {
		t.Fatal(err)
	}
	value := make([]byte, 8*cpus)
	for i := range cpus {
		copy(value[8*i:], []byte{byte(i), 7, 9})
	}
	if err := raw.Set(make([]byte, 4), value); err != nil {
		t.Fatal(err)
	}
	got, err := raw.Get(make([]byte, 4))
	if err != nil || string(got) != string(value) {
		t.Errorf("%v, %v; expected %v", got, err, value)
	}
	if err := raw.Set(make([]byte, 4), make([]byte, 3)); err == nil {
		t.Error("a value for one CPU was taken")
	}
	if _, err := table.New[uint32, [3]byte](raw); err == nil {
		t.Error("a type for one CPU's value was taken")
	}
}

func TestWrongSizes(t *testing.T) {
	raw := made(t, &ebpf.MapSpec{Name: "sized", Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 1})
	_, wideKey := table.New[uint64, uint64](raw)
	_, narrowValue := table.New[uint32, uint32](raw)
	_, noSize := table.New[int, uint64](raw)
	_, pointer := table.New[uint32, *int](raw)
	_, text := table.New[uint32, string](raw)
	_, shortKey := raw.Get([]byte{1})
	for _, c := range []struct {
		err  error
		want string
	}{
		{wideKey, "table sized: key type uint64 has 8 bytes, the table's key has 4"},
		{narrowValue, "table sized: value type uint32 has 4 bytes, the table's value has 8"},
		{noSize, "use a type such as uint32"},
		{pointer, "not plain memory"},
		{text, "not plain memory"},
		{shortKey, "the key has 1 bytes, expected 4"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v; expected %q", c.err, c.want)
		}
	}
}
