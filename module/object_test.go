package module_test

import (
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/gobcc/bcc/module"
)

const (
	loadWide = 0x18
	exit     = 0x95
)

// instruction makes one of 8 bytes as this machine has it.
func instruction(op, source byte, immediate int32) []byte {
	registers := source
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		registers <<= 4
	}
	return binary.NativeEndian.AppendUint32([]byte{op, registers, 0, 0}, uint32(immediate))
}

// loadMap makes the two instructions that load a map (source 1) or an address in a map's value (source 2).
func loadMap(source byte, value int32) []byte {
	return append(instruction(loadWide, source, value), instruction(0, 0, 0)...)
}

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// fullObject has something in every field; the first element of every list too.
func fullObject() *module.Object {
	return &module.Object{
		License:       "GPL",
		KernelVersion: 0x06011a,
		Compiler:      "libbcc.so.0.26.0",
		Headers:       "generated",
		BTF:           []byte{0x9f, 0xeb, 1, 0},
		Functions: []module.Function{
			{
				Name: "count_calls", Code: join(loadMap(1, 0), loadMap(2, 2), instruction(exit, 0, 0)),
				FuncInfo: []byte("12345678"), FuncInfoSize: 8, LineInfo: []byte("0123456789abcdef0123456789abcdef"), LineInfoSize: 16,
			},
			{Name: "żółć", Code: instruction(exit, 0, 0)},
		},
		Tables: []module.Table{
			{
				Name: "outer", Type: ebpf.ArrayOfMaps, KeySize: 4, ValueSize: 8, MaxEntries: 10240, Flags: 0x80, BTFKey: 3, BTFValue: 4,
				Inner: 1, PinPath: "/sys/fs/bpf/outer", Extern: true, Public: true, KeyDesc: `"int"`, ValueDesc: `["s", [["a", "int"]]]`,
				Events: []string{"pid#u32", "", "comm#char[16]"},
			},
			{Name: "inner", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 0xffffffff, Flags: 0xffffffff, Inner: -1, Public: true},
			{Name: "plain", Type: ebpf.RingBuf, MaxEntries: 4096, Inner: -1, Extern: true},
		},
		Warnings: []module.Diagnostic{
			{File: "<text>", Line: 7, Column: 3, Severity: module.SeverityWarning, Message: "unused variable 'x'"},
			{Severity: module.SeverityNote, Message: "one\ntwo\x00\xff"},
		},
	}
}

// Only a full object tells whether its binary form leaves a field out.
func TestFullObjectHasEveryField(t *testing.T) {
	for _, path := range zeroFields("Object", reflect.ValueOf(*fullObject())) {
		t.Errorf("fullObject leaves %s empty: set it, so that the round trip tests it", path)
	}
}

func zeroFields(path string, v reflect.Value) (zero []string) {
	switch {
	case v.IsZero():
		return []string{path}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			zero = append(zero, zeroFields(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		return zeroFields(path+"[0]", v.Index(0))
	}
	return zero
}

func TestFunctionAndTableByName(t *testing.T) {
	o := fullObject()
	for i, f := range o.Functions {
		if got, ok := o.Function(f.Name); !ok || got != &o.Functions[i] {
			t.Errorf("Function(%q) = %v, %v", f.Name, got, ok)
		}
	}
	for i, table := range o.Tables {
		if got, ok := o.Table(table.Name); !ok || got != &o.Tables[i] {
			t.Errorf("Table(%q) = %v, %v", table.Name, got, ok)
		}
	}
	for _, name := range []string{"", "Outer", "oute", "outer2"} {
		if got, ok := o.Function(name); ok || got != nil {
			t.Errorf("Function(%q) = %v, %v", name, got, ok)
		}
		if got, ok := o.Table(name); ok || got != nil {
			t.Errorf("Table(%q) = %v, %v", name, got, ok)
		}
	}
}

func TestValidateAccepts(t *testing.T) {
	end := instruction(exit, 0, 0)
	tests := []struct {
		name   string
		change func(o *module.Object)
	}{
		{"the full object", func(*module.Object) {}},
		{"an empty object", func(o *module.Object) { *o = module.Object{} }},
		{"a table and a function of one name", func(o *module.Object) { o.Functions[1].Name = "outer" }},
		{"names that differ in case", func(o *module.Object) { o.Functions[1].Name = "Count_calls" }},
		{"the last table as a map", func(o *module.Object) { o.Functions[1].Code = join(loadMap(1, 2), end) }},
		{"a wide number that is no map", func(o *module.Object) { o.Functions[1].Code = join(loadMap(0, 99), end) }},
		{"a wide load at the very end", func(o *module.Object) { o.Functions[1].Code = loadMap(1, 0) }},
		{"the second half of a wide load that looks like one", func(o *module.Object) {
			o.Functions[1].Code = join(instruction(loadWide, 1, 0), instruction(loadWide, 1, 99), end)
		}},
		{"the longest code", func(o *module.Object) { o.Functions[1].Code = make([]byte, 8_000_000) }},
		{"two tables with one inner table", func(o *module.Object) { o.Tables[2].Inner = 1 }},
		{"the inner table before its outer one", func(o *module.Object) { o.Tables[0].Inner, o.Tables[2].Inner = -1, 0 }},
	}
	for _, tt := range tests {
		o := fullObject()
		tt.change(o)
		if err := o.Validate(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	end := instruction(exit, 0, 0)
	tests := []struct {
		name, want string
		change     func(o *module.Object)
	}{
		{"a table without a name", "table 1 (): it has no name", func(o *module.Object) { o.Tables[1].Name = "" }},
		{"two tables of one name", "table outer: there are two of that name", func(o *module.Object) { o.Tables[2].Name = "outer" }},
		{"a function without a name", "function 1 (): it has no name", func(o *module.Object) { o.Functions[1].Name = "" }},
		{"two functions of one name", "function count_calls: there are two of that name", func(o *module.Object) { o.Functions[1].Name = "count_calls" }},

		{"no code", "function 0 (count_calls): 0 bytes of code", func(o *module.Object) { o.Functions[0].Code = nil }},
		{"code of odd length", "9 bytes of code", func(o *module.Object) { o.Functions[0].Code = append(end, 0) }},
		{"code a byte too short", "7 bytes of code", func(o *module.Object) { o.Functions[0].Code = end[:7] }},
		{"code too long", "8000008 bytes of code", func(o *module.Object) { o.Functions[0].Code = make([]byte, 8_000_008) }},
		{"code ends inside a wide instruction", "the code ends in the middle of an instruction",
			func(o *module.Object) { o.Functions[0].Code = join(end, instruction(loadWide, 1, 0)) }},
		{"code ends inside a wide number", "the code ends in the middle of an instruction",
			func(o *module.Object) { o.Functions[0].Code = instruction(loadWide, 0, 0) }},
		{"a map past the last table", "an instruction names table 3 of 3", func(o *module.Object) { o.Functions[0].Code = loadMap(1, 3) }},
		{"a map before the first table", "an instruction names table -1 of 3", func(o *module.Object) { o.Functions[0].Code = loadMap(1, -1) }},
		{"the largest map", "an instruction names table 2147483647 of 3", func(o *module.Object) { o.Functions[0].Code = loadMap(1, 1<<31-1) }},
		{"a value of a map past the last table", "an instruction names table 3 of 3",
			func(o *module.Object) { o.Functions[0].Code = loadMap(2, 3) }},
		{"the second reference is wrong", "function 1 (żółć): an instruction names table 7 of 3",
			func(o *module.Object) { o.Functions[1].Code = join(loadMap(1, 0), end, loadMap(1, 7), end) }},
		{"no tables at all", "an instruction names table 0 of 0", func(o *module.Object) { o.Tables = nil }},

		{"inner table past the last", "table 0 (outer): inner table 3 of 3", func(o *module.Object) { o.Tables[0].Inner = 3 }},
		{"inner table -2", "inner table -2 of 3", func(o *module.Object) { o.Tables[0].Inner = -2 }},
		{"a table inside itself", "it is its own inner table", func(o *module.Object) { o.Tables[0].Inner = 0 }},
		{"three tables inside each other", "table 0 (outer): its inner table inner has an inner table itself",
			func(o *module.Object) { o.Tables[1].Inner = 2 }},

		{"half a function's entry", "information of 7 and 32 bytes in entries of 8 and 16",
			func(o *module.Object) { o.Functions[0].FuncInfo = []byte("1234567") }},
		{"half a line's entry", "information of 8 and 32 bytes in entries of 8 and 12", func(o *module.Object) { o.Functions[0].LineInfoSize = 12 }},
		{"an entry of 4 GiB", "in entries of 4294967295 and 16", func(o *module.Object) { o.Functions[0].FuncInfoSize = 1<<32 - 1 }},
	}
	for _, tt := range tests {
		o := fullObject()
		tt.change(o)
		err := o.Validate()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
			continue
		}
		if _, marshalErr := o.MarshalBinary(); marshalErr == nil || marshalErr.Error() != err.Error() {
			t.Errorf("%s: MarshalBinary: %v, want %v", tt.name, marshalErr, err)
		}
	}
}
