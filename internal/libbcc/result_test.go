package libbcc

import (
	"bytes"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const none = 1<<32 - 1 // -1

func text(s string) []byte { return []byte(s) }

// fullPayload is a reply with every field in it, as compile.c and record.c write them.
func fullPayload() []byte {
	return slices.Concat(
		field(repLibrary, text("/lib/libbcc.so.0")),
		field(repPhase, numbers(0)),
		field(repBTF, numbers(0), text("public btf")),
		field(repMap, numbers(1, none, 0), text("public attr")),
		field(repPhase, numbers(1)),
		field(repMap, numbers(2, none, none), text("inner attr")),
		field(repMap, numbers(3, 2, 0), text("attr")),
		field(repPin, numbers(3), text("/sys/fs/bpf/x")),
		field(repPin, numbers(2), text("/sys/fs/bpf/y\x00\x00")),
		field(repLicense, text("GPL")),
		field(repKernel, numbers(0x06011a)),
		field(repTable, numbers(3, 1, 4, 8, 10240, 1)),
		field(repName, text("counts")), field(repKey, text(`"int"`)), field(repLeaf, text(`"long"`)),
		field(repEvent, text("a#int")), field(repEvent, text("b#char[16]")),
		field(repTable, numbers(none, none, 0, 0, none, 0)),
		field(repName, text("")),
		field(repFunction, numbers(0, 8, 16)),
		field(repName, text("f")), field(repCode, text("12345678")), field(repFuncInfo, text("fi")), field(repLineInfo, text("li")),
		field(repFunction, numbers(none, 0, 0), text("more than this version knows")),
		field(repName, text("g")),
	)
}

func fullResult() *Result {
	return &Result{
		Library: "/lib/libbcc.so.0", License: "GPL", Kernel: 0x06011a,
		Maps: map[int]Map{
			1: {Attr: text("public attr"), Inner: -1, BTF: 0, Public: true},
			2: {Attr: text("inner attr"), Inner: -1, BTF: -1},
			3: {Attr: text("attr"), Inner: 2, BTF: 0},
		},
		BTF:  map[int][]byte{0: text("public btf")},
		Pins: map[int]string{3: "/sys/fs/bpf/x", 2: "/sys/fs/bpf/y"},
		Tables: []Table{
			{Record: 3, Name: "counts", KeyDesc: `"int"`, LeafDesc: `"long"`, Type: 1, KeySize: 4, LeafSize: 8, MaxEntries: 10240, Flags: 1,
				Events: []string{"a#int", "b#char[16]"}},
			{Record: -1, Type: none, MaxEntries: none},
		},
		Functions: []Function{
			{Name: "f", Code: text("12345678"), BTF: 0, FuncInfoSize: 8, LineInfoSize: 16, FuncInfo: text("fi"), LineInfo: text("li")},
			{Name: "g", BTF: -1},
		},
	}
}

func TestDecodeResult(t *testing.T) {
	got, err := decodeResult(fullPayload())
	if err != nil || !reflect.DeepEqual(got, fullResult()) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, fullResult())
	}
	got, err = decodeResult(nil)
	if want := (&Result{Maps: map[int]Map{}, BTF: map[int][]byte{}, Pins: map[int]string{}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("nothing: %+v, %v", got, err)
	}
	got, err = decodeResult(field(repFailed))
	if err != nil || !got.Failed {
		t.Errorf("refused source: %+v, %v", got, err)
	}
}

func TestDecodeResultErrors(t *testing.T) {
	r, err := decodeResult(slices.Concat(field(repLibrary, text("lib")), field(repError, text("no memory: 100%s"))))
	if r == nil || r.Library != "lib" || err == nil || err.Error() != "no memory: 100%s" || errors.Is(err, ErrNoLibrary) {
		t.Errorf("an error: %+v, %v", r, err)
	}
	r, err = decodeResult(field(repNoLibrary, text("cannot open")))
	if r == nil || !errors.Is(err, ErrNoLibrary) || !strings.HasSuffix(err.Error(), ": cannot open") {
		t.Errorf("no library: %+v, %v", r, err)
	}
}

func TestDecodeResultRefusesGarbage(t *testing.T) {
	table, function := field(repTable, numbers(0, 1, 4, 8, 1, 0)), field(repFunction, numbers(0, 8, 16))
	tests := []struct {
		name, want string
		payload    []byte
	}{
		{"an unknown field", "unknown field 99", field(99)},
		{"field 0", "unknown field 0", field(0)},
		{"the answer to another question", "unknown field 19", field(repOffset, make([]byte, 8))},
		{"a name of nothing", "a name of nothing", field(repName, text("x"))},
		{"two names of a table", "a name of nothing", slices.Concat(table, field(repName, text("x")), field(repName, text("y")))},
		{"two names of a function", "a name of nothing", slices.Concat(table, function, field(repName, text("x")), field(repName, text("y")))},
		{"a name after a map", "a name of nothing", slices.Concat(field(repMap, numbers(0, 0, 0)), field(repName, text("x")))},
		{"a key without a table", "a description without a table", slices.Concat(function, field(repKey, text("x")))},
		{"a leaf without a table", "a description without a table", field(repLeaf, text("x"))},
		{"an event without a table", "a description without a table", field(repEvent, text("x"))},
		{"code without a function", "code without a function", slices.Concat(table, field(repCode, text("x")))},
		{"function information without a function", "code without a function", field(repFuncInfo, text("x"))},
		{"line information without a function", "code without a function", field(repLineInfo, text("x"))},
		{"a long kernel version", "a number of 5 bytes", field(repKernel, make([]byte, 5))},
		{"no kernel version", "a number of 0 bytes", field(repKernel)},
		{"a short phase", "a number of 3 bytes", field(repPhase, make([]byte, 3))},
		{"a short map", "a field of 11 bytes", field(repMap, make([]byte, 11))},
		{"short type information", "a field of 3 bytes", field(repBTF, make([]byte, 3))},
		{"a short pin", "a field of 0 bytes", field(repPin)},
		{"a short table", "a field of 23 bytes", field(repTable, make([]byte, 23))},
		{"a short function", "a field of 8 bytes", field(repFunction, make([]byte, 8))},
		{"half a field's head", "7 bytes after the last field", make([]byte, 7)},
		{"a field of 4 GiB", "field 4 is cut short", numbers(repLicense, none)},
	}
	for _, tt := range tests {
		r, err := decodeResult(tt.payload)
		if r != nil || !errors.Is(err, errGarbage) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %+v, error %v, want %q", tt.name, r, err, tt.want)
		}
	}
}

// Cut anywhere but between two fields, a reply makes no sense.
func TestDecodeResultRefusesTruncation(t *testing.T) {
	payload := fullPayload()
	ends := map[int]bool{}
	end := 0
	if err := fields(payload, func(_ uint32, v []byte) error { end += 8 + len(v); ends[end] = true; return nil }); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(payload); n++ {
		r, err := decodeResult(payload[:n])
		if good := r != nil && err == nil; good != ends[n] || !good && !errors.Is(err, errGarbage) {
			t.Errorf("%d bytes of %d: %v", n, len(payload), err)
		}
	}
}

// encode is the other way round.
func encode(r *Result) []byte {
	b := slices.Concat(field(repLibrary, text(r.Library)), field(repLicense, text(r.License)), field(repKernel, numbers(r.Kernel)))
	if r.Failed {
		b = append(b, field(repFailed)...)
	}
	for _, record := range slices.Sorted(maps.Keys(r.Maps)) {
		m, phase := r.Maps[record], uint32(1)
		if m.Public {
			phase = 0
		}
		b = slices.Concat(b, field(repPhase, numbers(phase)), field(repMap, numbers(uint32(record), uint32(m.Inner), uint32(m.BTF)), m.Attr))
	}
	for record, blob := range r.BTF {
		b = append(b, field(repBTF, numbers(uint32(record)), blob)...)
	}
	for record, path := range r.Pins {
		b = append(b, field(repPin, numbers(uint32(record)), text(path))...)
	}
	for _, t := range r.Tables {
		b = slices.Concat(b, field(repTable, numbers(uint32(t.Record), t.Type, t.KeySize, t.LeafSize, t.MaxEntries, t.Flags)),
			field(repName, text(t.Name)), field(repKey, text(t.KeyDesc)), field(repLeaf, text(t.LeafDesc)))
		for _, e := range t.Events {
			b = append(b, field(repEvent, text(e))...)
		}
	}
	for _, f := range r.Functions {
		b = slices.Concat(b, field(repFunction, numbers(uint32(f.BTF), f.FuncInfoSize, f.LineInfoSize)), field(repName, text(f.Name)))
		for tag, v := range map[uint32][]byte{repCode: f.Code, repFuncInfo: f.FuncInfo, repLineInfo: f.LineInfo} {
			if v != nil {
				b = append(b, field(tag, v)...)
			}
		}
	}
	return b
}

func FuzzDecodeResult(f *testing.F) {
	payload := fullPayload()
	f.Add(payload)
	f.Add(payload[:len(payload)/2])
	f.Add(field(repFailed))
	f.Add(field(repError, text("e")))
	f.Add(field(repNoLibrary, text("e")))
	f.Add(field(99))
	f.Add(slices.Concat(field(repTable, make([]byte, 24)), field(repFunction, make([]byte, 12)), field(repName, text("n")), field(repEvent)))
	f.Add(numbers(repCode, none))
	f.Fuzz(func(t *testing.T, payload []byte) {
		before := bytes.Clone(payload)
		r, err := decodeResult(payload)
		if !bytes.Equal(payload, before) {
			t.Error("the payload was changed")
		}
		if r == nil {
			if !errors.Is(err, errGarbage) {
				t.Errorf("no result, and the error is %v", err)
			}
			return
		}
		if n := len(r.Maps) + len(r.BTF) + len(r.Pins) + len(r.Tables) + len(r.Functions); n > len(payload)/fieldSize {
			t.Errorf("%d things in %d bytes", n, len(payload))
		}
		again, err := decodeResult(encode(r))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%v\ngot  %+v\nwant %+v", err, again, r)
		}
	})
}
