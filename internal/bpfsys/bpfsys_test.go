package bpfsys_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/bpfsys"
)

func TestNameAndText(t *testing.T) {
	for long, kernels := range map[string]string{
		"":                                       "",
		"a":                                      "a",
		"fifteen_letters":                        "fifteen_letters",
		"sixteen_letters_":                       "sixteen_letters",
		"a_name_that_is_longer_than_the_kernels": "a_name_that_is_",
		"żółćżółć":                               "żółćżół\xc4",
		"before\x00not":                          "before",
	} {
		name := bpfsys.Name(long)
		if name[len(name)-1] != 0 {
			t.Errorf("%q: no NUL at the end of %q", long, name)
		}
		if got := bpfsys.Text(name); got != kernels {
			t.Errorf("%q is %q to the kernel, want %q", long, got, kernels)
		}
		if end := bytes.TrimLeft(name[min(len(long), 15):], "\x00"); len(end) > 0 {
			t.Errorf("%q: %q after its end", long, end)
		}
	}
	if got := bpfsys.Text([16]byte(bytes.Repeat([]byte("x"), 16))); got != "xxxxxxxxxxxxxxxx" {
		t.Errorf("a name without a NUL: %q", got)
	}
}

// attr has a different number in each place of union bpf_attr, up to the type of the kernel's own value.
func attr() []byte {
	var b []byte
	for i := range uint32(16) {
		b = binary.NativeEndian.AppendUint32(b, i+1)
	}
	copy(b[28:44], "a_kernel_name__\x00")
	return b
}

func TestDecodeMapCreate(t *testing.T) {
	a := bpfsys.DecodeMapCreate(attr())
	for name, n := range map[string][2]uint32{
		"map_type": {a.MapType, 1}, "key_size": {a.KeySize, 2}, "value_size": {a.ValueSize, 3}, "max_entries": {a.MaxEntries, 4},
		"map_flags": {a.MapFlags, 5}, "inner_map_fd": {a.InnerMapFd, 6}, "numa_node": {a.NumaNode, 7}, "map_ifindex": {a.MapIfindex, 12},
		"btf_fd": {a.BtfFd, 13}, "btf_key_type_id": {a.BtfKeyTypeID, 14}, "btf_value_type_id": {a.BtfValueTypeID, 15},
		"btf_vmlinux_value_type_id": {a.BtfVmlinuxValueTypeID, 16},
	} {
		if n[0] != n[1] {
			t.Errorf("%s is %d, want %d", name, n[0], n[1])
		}
	}
	if got := bpfsys.Text(a.MapName); got != "a_kernel_name__" {
		t.Errorf("map_name is %q", got)
	}
}

// Kernels and libraries of other ages know fewer or more attributes.
func TestDecodeMapCreateOfAnySize(t *testing.T) {
	full := attr()
	for n := range len(full) {
		a := bpfsys.DecodeMapCreate(full[:n])
		got := unsafe.Slice((*byte)(unsafe.Pointer(&a)), unsafe.Sizeof(a))
		if !bytes.Equal(got[:n], full[:n]) || len(bytes.Trim(got[n:], "\x00")) > 0 {
			t.Errorf("of %d bytes: %x", n, got)
		}
	}
	long := append(full, bytes.Repeat([]byte{0xff}, 200)...)
	before := bytes.Clone(long)
	a := bpfsys.DecodeMapCreate(long)
	a.MapType = 99
	if a.BtfVmlinuxValueTypeID != 16 || !bytes.Equal(long, before) {
		t.Errorf("of %d bytes: %+v", len(long), a)
	}
}

// The kernel's own number, which no package of constants has.
func TestErrNotSupp(t *testing.T) {
	if bpfsys.ErrNotSupp != unix.Errno(524) || bpfsys.ErrNotSupp == unix.ENOTSUP {
		t.Errorf("%d", bpfsys.ErrNotSupp)
	}
}

// map_extra comes right after btf_vmlinux_value_type_id, at offset 64 of union bpf_attr.
func TestMapExtra(t *testing.T) {
	b := binary.NativeEndian.AppendUint64(attr(), 0x1122334455667788)
	if a := bpfsys.DecodeMapCreate(b); a.MapExtra != 0x1122334455667788 {
		t.Errorf("%#x", a.MapExtra)
	}
}
