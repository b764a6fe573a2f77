package module_test

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gobcc/bcc/module"
)

var (
	_ encoding.BinaryMarshaler   = (*module.Object)(nil)
	_ encoding.BinaryUnmarshaler = (*module.Object)(nil)
)

const (
	versionAt  = 8
	markAt     = 12
	checksumAt = 16
	lengthAt   = 20
	headerSize = 24
)

func marshal(t testing.TB, o *module.Object) []byte {
	t.Helper()
	b, err := o.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// seal makes a file of a payload, with a header that fits.
func seal(payload []byte) []byte {
	b := append([]byte("GOBCCOBJ"), numbers(1, 0x01020304, crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli)), uint32(len(payload)))...)
	return append(b, payload...)
}

func numbers(ns ...uint32) (b []byte) {
	for _, n := range ns {
		b = binary.NativeEndian.AppendUint32(b, n)
	}
	return b
}

func smallObject() *module.Object {
	return &module.Object{
		License:   "GPL",
		Functions: []module.Function{{Name: "f", Code: join(loadMap(1, 0), instruction(exit, 0, 0))}},
		Tables:    []module.Table{{Name: "t", Type: 1, KeySize: 4, ValueSize: 4, MaxEntries: 1, Inner: -1, Public: true}},
	}
}

func TestObjectRoundTrip(t *testing.T) {
	for name, o := range map[string]*module.Object{
		"full": fullObject(), "small": smallObject(), "empty": {},
		"large": {Functions: []module.Function{{Name: "f", Code: make([]byte, 8_000_000)}}, BTF: make([]byte, 1<<20)},
	} {
		b := marshal(t, o)
		got := module.Object{License: "of another object", Tables: []module.Table{{Name: "another"}}}
		if err := got.UnmarshalBinary(b); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(&got, o) {
			t.Errorf("%s: got  %.2000v\nwant %.2000v", name, got, *o)
		}
		if again := marshal(t, &got); !bytes.Equal(again, b) {
			t.Errorf("%s: the object that was read back has other bytes: %d, before %d", name, len(again), len(b))
		}
	}
}

func TestMarshalHasAlwaysTheSameBytes(t *testing.T) {
	first := marshal(t, fullObject())
	for range 10 {
		if b := marshal(t, fullObject()); !bytes.Equal(b, first) {
			t.Fatalf("other bytes:\n%x\n%x", b, first)
		}
	}
}

// The form of version 1, byte for byte: objects are written to files that a later release reads.
func TestFormatOfVersion1(t *testing.T) {
	o := smallObject()
	text := func(s string) []byte { return append(numbers(uint32(len(s))), s...) }
	want := seal(join(
		text("GPL"), numbers(0), text(""), text(""), text(""),
		numbers(1), text("f"), text(string(o.Functions[0].Code)), text(""), numbers(0), text(""), numbers(0),
		numbers(1), text("t"), numbers(1, 4, 4, 1, 0, 0, 0, 0xffffffff), text(""), numbers(0, 1), text(""), text(""), numbers(0),
		numbers(0),
	))
	if got := marshal(t, o); !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func TestUnmarshalKeepsNothingOfTheFile(t *testing.T) {
	b := marshal(t, fullObject())
	var o module.Object
	if err := o.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] = 0xaa
	}
	if !reflect.DeepEqual(&o, fullObject()) {
		t.Errorf("the object changed with the file's bytes: %+v", o)
	}
}

// refused checks the error and that the object stays as it was.
func refused(t *testing.T, what any, b []byte, want ...error) {
	t.Helper()
	o := *fullObject()
	err := o.UnmarshalBinary(b)
	matches := false
	for _, w := range want {
		matches = matches || errors.Is(err, w)
	}
	if !matches {
		t.Errorf("%v: error %v, want one of %v", what, err, want)
	}
	if !reflect.DeepEqual(&o, fullObject()) {
		t.Errorf("%v: the object was changed: %+v", what, o)
	}
}

func TestUnmarshalRefusesTruncation(t *testing.T) {
	b := marshal(t, fullObject())
	for n := range b {
		refused(t, n, b[:n], module.ErrFormat)
		if n >= headerSize { // cut by somebody who corrects the header
			refused(t, n, seal(b[headerSize:n]), module.ErrFormat)
		}
	}
	refused(t, "a byte more", append(b[:len(b):len(b)], 0), module.ErrFormat)
	refused(t, "a sealed byte more", seal(append(b[headerSize:len(b):len(b)], 0)), module.ErrFormat)
}

func TestUnmarshalRefusesFlips(t *testing.T) {
	good := marshal(t, smallObject())
	for at := range good {
		want := module.ErrFormat
		if at >= versionAt && at < checksumAt {
			want = module.ErrVersion
		}
		for flip := 1; flip < 256; flip++ {
			b := bytes.Clone(good)
			b[at] ^= byte(flip)
			if err := new(module.Object).UnmarshalBinary(b); !errors.Is(err, want) {
				t.Errorf("byte %d xor %#x: error %v, want %v", at, flip, err, want)
			}
		}
	}
}

func TestUnmarshalRefusesOtherVersions(t *testing.T) {
	good := marshal(t, smallObject())
	for _, version := range []uint32{0, 2, 0x01000000, 0xffffffff} {
		b := bytes.Clone(good)
		binary.NativeEndian.PutUint32(b[versionAt:], version)
		refused(t, version, b, module.ErrVersion)
	}
	swapped := bytes.Clone(good)
	copy(swapped[markAt:], []byte{good[markAt+3], good[markAt+2], good[markAt+1], good[markAt]})
	refused(t, "the other byte order", swapped, module.ErrVersion)
	refused(t, "version 2, whatever follows", append(numbersAfterMagic(2, 0x01020304, 0, 0), "anything"...), module.ErrVersion)
}

func numbersAfterMagic(ns ...uint32) []byte { return append([]byte("GOBCCOBJ"), numbers(ns...)...) }

func TestUnmarshalRefusesWhatDoesNotFitTogether(t *testing.T) {
	text := func(s string) []byte { return append(numbers(uint32(len(s))), s...) }
	head := join(text(""), numbers(0), text(""), text(""), text(""))
	function := func(code []byte) []byte {
		return join(text("f"), text(string(code)), text(""), numbers(0), text(""), numbers(0))
	}
	tests := []struct {
		name, want string
		payload    []byte
	}{
		{"a map that is not there", "names table 0 of 0", join(head, numbers(1), function(loadMap(1, 0)), numbers(0, 0))},
		{"odd code", "3 bytes of code", join(head, numbers(1), function([]byte("abc")), numbers(0, 0))},
		{"half a wide load", "in the middle of an instruction", join(head, numbers(1), function(instruction(loadWide, 0, 0)), numbers(0, 0))},
		{"two functions of one name", "two of that name",
			join(head, numbers(2), function(instruction(exit, 0, 0)), function(instruction(exit, 0, 0)), numbers(0, 0))},
		{"a table of zeros", "it has no name", join(head, numbers(0, 1), make([]byte, 60), numbers(0))},
	}
	for _, tt := range tests {
		b := seal(tt.payload)
		refused(t, tt.name, b, module.ErrFormat)
		if err := new(module.Object).UnmarshalBinary(b); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// A file may say what it likes of its lengths: reading it must cost what the file is worth.
func TestUnmarshalOfHostileLengths(t *testing.T) {
	const huge = 0xffffffff
	text := func(s string) []byte { return append(numbers(uint32(len(s))), s...) }
	head := join(text("GPL"), numbers(0), text("c"), text("btf"))
	table := join(text("t"), numbers(1, 4, 4, 1, 0, 0, 0, huge), text(""), numbers(0, 0), text(""), text(""))
	tests := []struct {
		name    string
		payload []byte
	}{
		{"nothing", nil},
		{"license", numbers(huge)},
		{"license, one more than there is", append(numbers(4), "GPL"...)},
		{"compiler", join(text("GPL"), numbers(0, huge), []byte("libbcc"))},
		{"BTF", join(text("GPL"), numbers(0), text("c"), numbers(huge, 1, 2, 3))},
		{"functions", join(head, numbers(huge))},
		{"functions with a real one", join(head, numbers(huge), text("f"), text("12345678"), text(""), numbers(0), text(""), numbers(0))},
		{"code", join(head, numbers(1), text("f"), numbers(huge), make([]byte, 64))},
		{"function information", join(head, numbers(1), text("f"), text("12345678"), numbers(huge), make([]byte, 64))},
		{"line information", join(head, numbers(1), text("f"), text("12345678"), text(""), numbers(0, huge), make([]byte, 64))},
		{"tables", join(head, numbers(0, huge))},
		{"tables with a real one", join(head, numbers(0, huge), table, numbers(0))},
		{"events", join(head, numbers(0, 1), table, numbers(huge), text("a#int"))},
		{"warnings", join(head, numbers(0, 0, huge))},
		{"warnings with a real one", join(head, numbers(0, 0, huge), text("f"), numbers(1, 1), text("note"), text("m"))},
		{"a message", join(head, numbers(0, 0, 1), text("f"), numbers(1, 1), text("note"), numbers(huge))},
		{"everything huge", bytes.Repeat([]byte{0xff}, 256)},
	}
	for _, tt := range tests {
		b := seal(tt.payload)
		var before, after runtime.MemStats
		start := time.Now()
		runtime.ReadMemStats(&before)
		err := new(module.Object).UnmarshalBinary(b)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, module.ErrFormat) {
			t.Errorf("%s: error %v", tt.name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: %d bytes of memory for a file of %d", tt.name, took, len(b))
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: took %v", tt.name, took)
		}
	}
	for _, length := range []uint32{0, 1, huge, 1 << 31} {
		b := seal(head)
		binary.NativeEndian.PutUint32(b[lengthAt:], length)
		refused(t, length, b, module.ErrFormat)
	}
}

// FuzzObject reads files, and payloads with a header that fits, without which nothing would get past the checksum.
func FuzzObject(f *testing.F) {
	for _, o := range []*module.Object{fullObject(), smallObject(), {}} {
		b := marshal(f, o)
		f.Add(b)
		f.Add(b[headerSize:])
		f.Add(b[headerSize : len(b)-5])
	}
	f.Add([]byte(nil))
	f.Add(bytes.Repeat([]byte{0xff}, 64))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, b := range [][]byte{data, seal(data)} {
			var o module.Object
			if err := o.UnmarshalBinary(b); err != nil {
				if !errors.Is(err, module.ErrFormat) && !errors.Is(err, module.ErrVersion) {
					t.Errorf("error matches neither ErrFormat nor ErrVersion: %v", err)
				}
				if !reflect.DeepEqual(o, module.Object{}) {
					t.Errorf("refused with %v, and still filled: %+v", err, o)
				}
				continue
			}
			again := marshal(t, &o)
			var o2 module.Object
			if err := o2.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(o, o2) {
				t.Errorf("%+v became %+v, %v", o, o2, err)
			}
			// A yes may be written as any number but 0, so only the length is the same.
			if len(again) != len(b) {
				t.Errorf("%d bytes became %d", len(b), len(again))
			}
		}
	})
}

// An object has one binary form: a yes is 1.
func TestYesIsOne(t *testing.T) {
	b := marshal(t, smallObject())
	payload := bytes.Clone(b[headerSize:])
	// the last numbers: yes or no of extern and public, two empty texts, no events, no warnings
	at := len(payload) - 4*5
	if payload[at] != 1 && payload[at+3] != 1 {
		t.Fatal("this is not where Public is")
	}
	copy(payload[at:], numbers(2))
	var o module.Object
	if err := o.UnmarshalBinary(seal(payload)); err == nil {
		t.Errorf("taken, and written again as other bytes: %v", !bytes.Equal(marshal(t, &o), seal(payload)))
	}
}
