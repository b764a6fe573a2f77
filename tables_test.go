package bcc

import (
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/gobcc/bcc/internal/libbcc"
	"github.com/gobcc/bcc/internal/testutil"
	"github.com/gobcc/bcc/module"
)

func numbers(ns ...uint32) (b []byte) {
	for _, n := range ns {
		b = binary.NativeEndian.AppendUint32(b, n)
	}
	return b
}

// createAttr makes the kernel's attributes of a map, as libbcc fills them.
func createAttr(typ ebpf.MapType, key, value, entries, flags, btfKey, btfValue uint32) []byte {
	return slices.Concat(numbers(uint32(typ), key, value, entries, flags, 99, 0), []byte("kernel_name_is_\x00"), numbers(0, 99, btfKey, btfValue))
}

// loadMap makes the two instructions that load a map, then the end of a program.
func loadMap(value uint32) []byte {
	registers := byte(1)
	if numbers(1)[0] == 1 {
		registers = 1 << 4
	}
	return slices.Concat([]byte{0x18, registers, 0, 0}, numbers(value, 0, 0, 0x95, 0))
}

func TestMakeObject(t *testing.T) {
	r := &libbcc.Result{
		Library: "/usr/lib/libbcc.so.0.26.0", License: "GPL", Kernel: 0x60100, Stdout: "s", Stderr: "e",
		Maps: map[int]libbcc.Map{
			3: {Attr: createAttr(ebpf.Hash, 8, 16, 10240, 1, 5, 6), Inner: -1, BTF: 2},
			4: {Attr: createAttr(ebpf.Array, 4, 4, 1, 0, 0, 0), Inner: -1, BTF: -1},
			5: {Attr: createAttr(ebpf.ArrayOfMaps, 4, 4, 10, 0, 0, 0), Inner: 4, BTF: -1},
			6: {Attr: createAttr(ebpf.Hash, 1, 1, 1, 0, 7, 7), Inner: -1, BTF: 1, Public: true},
			7: {Attr: createAttr(ebpf.ArrayOfMaps, 4, 4, 10, 0, 0, 0), Inner: 99, BTF: -1},
		},
		BTF:  map[int][]byte{1: []byte("of the public tables"), 2: []byte("of the source")},
		Pins: map[int]string{4: "/sys/fs/bpf/inner"},
		Tables: []libbcc.Table{
			{Record: 5, Name: "outer"},
			{Record: 3, Name: "a_name_longer_than_the_kernels", KeyDesc: `"long"`, LeafDesc: `"char"`, Events: []string{"a#int"}},
			{Record: 4, Name: "inner", Type: 77, KeySize: 77, LeafSize: 77, MaxEntries: 77, Flags: 77}, // not what counts
			{Record: 6, Name: "theirs", Events: []string{"b#int"}},
			{Record: 7, Name: "lost_inner"},
		},
		Functions: []libbcc.Function{
			{Name: "f", Code: loadMap(3), BTF: 2, FuncInfo: []byte("fi"), FuncInfoSize: 2, LineInfo: []byte("li"), LineInfoSize: 1},
			{Name: "g", Code: loadMap(6), BTF: -1},
		},
	}
	public := []module.Table{
		{Name: "other", Type: ebpf.Queue},
		{Name: "theirs", Type: ebpf.LRUHash, KeySize: 2, ValueSize: 3, MaxEntries: 4, Flags: 5, BTFKey: 6, BTFValue: 7, Inner: 0,
			PinPath: "/p", Public: true, KeyDesc: "kd", ValueDesc: "vd", Events: []string{"not#these"}},
	}
	want := &Object{
		License: "GPL", KernelVersion: 0x60100, Compiler: "libbcc.so.0.26.0", BTF: []byte("of the source"),
		Functions: []module.Function{
			{Name: "f", Code: loadMap(1), FuncInfo: []byte("fi"), FuncInfoSize: 2, LineInfo: []byte("li"), LineInfoSize: 1},
			{Name: "g", Code: loadMap(3)},
		},
		Tables: []module.Table{
			{Name: "outer", Type: ebpf.ArrayOfMaps, KeySize: 4, ValueSize: 4, MaxEntries: 10, Inner: 2},
			{Name: "a_name_longer_than_the_kernels", Type: ebpf.Hash, KeySize: 8, ValueSize: 16, MaxEntries: 10240, Flags: 1, BTFKey: 5,
				BTFValue: 6, Inner: -1, KeyDesc: `"long"`, ValueDesc: `"char"`, Events: []string{"a#int"}},
			{Name: "inner", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 1, Inner: -1, PinPath: "/sys/fs/bpf/inner"},
			{Name: "theirs", Type: ebpf.LRUHash, KeySize: 2, ValueSize: 3, MaxEntries: 4, Flags: 5, Inner: -1, Extern: true,
				KeyDesc: "kd", ValueDesc: "vd", Events: []string{"b#int"}},
			{Name: "lost_inner", Type: ebpf.ArrayOfMaps, KeySize: 4, ValueSize: 4, MaxEntries: 10, Inner: -1},
		},
	}
	got, err := makeObject(r, public)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if !public[1].Public || len(public[1].Events) != 1 || public[1].Events[0] != "not#these" {
		t.Errorf("the public table itself was changed: %+v", public[1])
	}
}

// Of a source without functions the tables alone know the type information.
func TestMakeObjectWithoutFunctions(t *testing.T) {
	r := &libbcc.Result{
		Maps:   map[int]libbcc.Map{0: {Attr: createAttr(ebpf.Array, 4, 4, 1, 0, 1, 1), Inner: -1, BTF: 5}},
		BTF:    map[int][]byte{5: []byte("types")},
		Tables: []libbcc.Table{{Record: 0, Name: "counts"}},
	}
	if obj, err := makeObject(r, nil); err != nil || string(obj.BTF) != "types" {
		t.Errorf("%+v, %v", obj, err)
	}
	r.Maps[0] = libbcc.Map{Attr: r.Maps[0].Attr, Inner: -1, BTF: -1}
	if obj, err := makeObject(r, nil); err != nil || len(obj.BTF) != 0 {
		t.Errorf("a table without types: %+v, %v", obj, err)
	}
}

func TestMakeObjectRefuses(t *testing.T) {
	table := libbcc.Table{Record: 0, Name: "counts"}
	maps := map[int]libbcc.Map{0: {Attr: createAttr(ebpf.Array, 4, 4, 1, 0, 0, 0), Inner: -1, BTF: -1}}
	tests := []struct {
		name, want string
		result     libbcc.Result
	}{
		{"a table without a map", "libbcc made no map for table counts", libbcc.Result{Tables: []libbcc.Table{table}}},
		{"a table whose map libbcc does not know", "libbcc made no map for table lost",
			libbcc.Result{Tables: []libbcc.Table{table, {Record: -1, Name: "lost"}}, Maps: maps}},
		{"a function with a map of no table", "function f: an instruction names a map that belongs to no table (7)",
			libbcc.Result{Tables: []libbcc.Table{table}, Maps: maps, Functions: []libbcc.Function{{Name: "f", Code: loadMap(7), BTF: -1}}}},
		{"a function that ends too early", "function f: the code ends in the middle of an instruction",
			libbcc.Result{Tables: []libbcc.Table{table}, Maps: maps, Functions: []libbcc.Function{{Name: "f", Code: loadMap(0)[:8], BTF: -1}}}},
	}
	for _, tt := range tests {
		if _, err := makeObject(&tt.result, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestExternTableThatNobodyHas(t *testing.T) {
	got := externTable(libbcc.Table{Name: "theirs", Type: uint32(ebpf.Hash), KeySize: 4}, []module.Table{{Name: "other"}})
	if want := (module.Table{Name: "theirs", Type: ebpf.Hash, Inner: -1, Extern: true}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDeclare(t *testing.T) {
	const export = `__attribute__((section("maps/export"))) struct %_table_t __%;` + "\n"
	hash := "typedef struct { char b[8]; } gobcc_key_counts;\ntypedef struct { char b[16]; } gobcc_value_counts;\n" +
		`BPF_F_TABLE("hash", gobcc_key_counts, gobcc_value_counts, counts, 10240, 1);` + "\n" + strings.ReplaceAll(export, "%", "counts")
	queue := "typedef struct { char b[3]; } gobcc_value_waiting;\n" +
		`BPF_QUEUESTACK("queue", waiting, gobcc_value_waiting, 7, 0);` + "\n" + strings.ReplaceAll(export, "%", "waiting")
	counts := module.Table{Name: "counts", Type: ebpf.Hash, KeySize: 8, ValueSize: 16, MaxEntries: 10240, Flags: 1}
	waiting := module.Table{Name: "waiting", Type: ebpf.Queue, ValueSize: 3, MaxEntries: 7}
	tests := []struct {
		name   string
		tables []module.Table
		want   string
	}{
		{"none", nil, ""},
		{"one with keys", []module.Table{counts}, hash},
		{"one without keys", []module.Table{waiting}, queue},
		{"both", []module.Table{waiting, counts}, queue + hash},
	}
	for _, tt := range tests {
		if got := declare(tt.tables); got != tt.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tt.name, got, tt.want)
		}
	}
}

func TestExternTables(t *testing.T) {
	const extern = "BPF_TABLE(\"extern\", u32, u32, counts, 1);\n"
	if got := externTables(extern); got != nil {
		t.Errorf("no module is open, and there is %+v", got)
	}
	testutil.Root(t)
	described := func(name string, typ ebpf.MapType, public bool) module.Table {
		return module.Table{Name: name, Type: typ, KeySize: 4, ValueSize: 4, MaxEntries: 1, Inner: -1, Public: public}
	}
	counts, private, countsToo := described("counts", ebpf.Hash, true), described("private", ebpf.Hash, false), described("counts_too", ebpf.Array, true)
	for _, tables := range [][]module.Table{{counts, private}, {described("counts", ebpf.Array, true), countsToo}} {
		m, err := module.Load(&module.Object{Tables: tables}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
	}
	tests := []struct {
		name, source string
		want         []module.Table
	}{
		{"the older of two counts", extern, []module.Table{counts}},
		{"by its section", `__attribute__((section("maps/extern"))) struct counts_table_t counts;`, []module.Table{counts}},
		{"several", extern + `BPF_TABLE("extern", int, u32, counts_too, 1);`, []module.Table{counts, countsToo}},
		{"not by a part of its name", `BPF_TABLE("extern", u32, u32, counts_, 1); xcounts(); counts2();`, nil},
		{"not one that is not public", `BPF_TABLE("extern", u32, u32, private, 1);`, nil},
		{"nothing is extern", `BPF_HASH(counts, u32, u32);`, nil},
	}
	for _, tt := range tests {
		if got := externTables(tt.source); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestIsPublic(t *testing.T) {
	const export, shared = "\x00maps/export\x00", "\x00maps/shared\x00"
	tests := []struct {
		name, blob string
		want       bool
	}{
		{"exported", "types\x00\x00int\x00__counts" + export, true},
		{"shared", shared + "counts\x00__counts\x00", true},
		{"another variable's end", "\x00x__counts" + export, false},
		{"another variable's beginning", "\x00__counts2" + export, false},
		{"only the table", "\x00counts" + export, false},
		{"no such section", "\x00__counts\x00maps/exported\x00maps/hash\x00", false},
		{"no variable", export, false},
		{"no type information", "", false},
	}
	for _, tt := range tests {
		if got := isPublic([]byte(tt.blob), "counts"); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestMayBePublic(t *testing.T) {
	for source, want := range map[string]bool{
		`BPF_TABLE_PUBLIC("hash", int, int, a, 1);`:               true,
		`BPF_TABLE_SHARED("hash", int, int, a, 1);`:               true,
		`__attribute__((section("maps/export"))) struct x_t __x;`: true,
		`__attribute__((section("maps/shared"))) struct x_t __x;`: true,
		`BPF_HASH(a); int b_PUBLICITY; // maps/other`:             false,
		``: false,
	} {
		if got := mayBePublic.MatchString(source); got != want {
			t.Errorf("%q: %v", source, got)
		}
	}
}
