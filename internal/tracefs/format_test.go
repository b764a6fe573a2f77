package tracefs_test

import (
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gobcc/bcc/internal/tracefs"
)

// Real files of Linux 6.18, but for __rel_loc.
const commonFields = `format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

`

var common = []tracefs.Field{
	{Type: "unsigned short", Name: "common_type", Offset: 0, Size: 2, Common: true},
	{Type: "unsigned char", Name: "common_flags", Offset: 2, Size: 1, Common: true},
	{Type: "unsigned char", Name: "common_preempt_count", Offset: 3, Size: 1, Common: true},
	{Type: "int", Name: "common_pid", Offset: 4, Size: 4, Signed: true, Common: true},
}

var formats = []struct {
	text string
	want tracefs.Format
}{
	{"name: bpf_trace_printk\nID: 550\n" + commonFields + `	field:__data_loc char[] bpf_string;	offset:8;	size:4;	signed:0;

print fmt: "%s", __get_str(bpf_string)
`, tracefs.Format{Name: "bpf_trace_printk", ID: 550, Print: `"%s", __get_str(bpf_string)`, Fields: []tracefs.Field{
		{Type: "__data_loc char[]", Name: "bpf_string", Offset: 8, Size: 4, DataLoc: true},
	}}},
	{"name: sys_enter_openat\nID: 782\n" + commonFields + `	field:int __syscall_nr;	offset:8;	size:4;	signed:1;
	field:const char * filename;	offset:24;	size:8;	signed:0;
	field:char prev_comm[16];	offset:32;	size:16;	signed:0;
	field:unsigned long args[6];	offset:48;	size:48;	signed:0;
	field:__rel_loc char[] rel;	offset:96;	size:4;	signed:0;
	field:char buf[];	offset:100;	size:0;	signed:0;

print fmt: "name: %d
field:x", REC->__syscall_nr`, tracefs.Format{Name: "sys_enter_openat", ID: 782, Print: "\"name: %d\nfield:x\", REC->__syscall_nr", Fields: []tracefs.Field{
		{Type: "int", Name: "__syscall_nr", Offset: 8, Size: 4, Signed: true},
		{Type: "const char *", Name: "filename", Offset: 24, Size: 8},
		{Type: "char", Name: "prev_comm", Array: "16", IsArray: true, Offset: 32, Size: 16},
		{Type: "unsigned long", Name: "args", Array: "6", IsArray: true, Offset: 48, Size: 48},
		{Type: "__rel_loc char[]", Name: "rel", Offset: 96, Size: 4, RelLoc: true},
		{Type: "char", Name: "buf", IsArray: true, Offset: 100},
	}}},
}

func TestParseFormat(t *testing.T) {
	for _, tt := range formats {
		want := tt.want
		want.Fields = append(common[:len(common):len(common)], want.Fields...)
		got, err := tracefs.ParseFormat(strings.NewReader(tt.text))
		if err != nil {
			t.Errorf("%s: %v", want.Name, err)
		} else if !reflect.DeepEqual(*got, want) {
			t.Errorf("got  %+v\nwant %+v", *got, want)
		}
	}
}

func TestParseFormatErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                         `"name:"`,
		"name: x\n":                `"ID:"`,
		"ID: 5\n":                  `"name:"`,
		"name: x\nID: five\n":      `not "five" in line "ID: five"`,
		"name: x\nID: -1\n":        `not "-1"`,
		"name: x\nID: 4294967296":  "expected a number",
		"name: x\nID: 1\nfield:a;": "expected a type and a name",
		"name: x\nID: 1\nfield:int a;\toffset:8;":                     "expected an offset and a size",
		"name: x\nID: 1\nfield:int a;\toffset:8;\tsize:x;\tsigned:0;": `not "x"`,
		"name: x\nID: 1\nfield:int a];\toffset:8;\tsize:4;":           "expected a type",
		strings.Repeat("a", 1<<20+1):                                  "longer than",
	} {
		if _, err := tracefs.ParseFormat(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: error %v, want %q", text, err, want)
		}
	}
	if _, err := tracefs.ParseFormat(iotest.ErrReader(io.ErrNoProgress)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("read error: %v", err)
	}
}

func TestParseDeclaration(t *testing.T) {
	for text, want := range map[string][3]string{
		"int a":                       {"int", "a", ""},
		"char * const * argv":         {"char * const *", "argv", ""},
		"void *p":                     {"void *", "p", ""},
		"char x[16 + 1]":              {"char", "x", "16 + 1"},
		"u8 x[4][6]":                  {"u8", "x", "4][6"},
		"u8 x [4]":                    {"u8", "x", "4"},
		"__data_loc unsigned int[] l": {"__data_loc unsigned int[]", "l", ""},
		`const char __attribute__((btf_type_tag("user"))) * f`: {`const char __attribute__((btf_type_tag("user"))) *`, "f", ""},
	} {
		got, err := tracefs.ParseDeclaration(text)
		if err != nil || [3]string{got.Type, got.Name, got.Array} != want {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

// TestReadFormatLive parses every event of the running kernel.
func TestReadFormatLive(t *testing.T) {
	needRoot(t)
	events, err := tracefs.Events()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range events {
		category, event, _ := strings.Cut(name, ":")
		f, err := tracefs.ReadFormat(category, event)
		if errors.Is(err, os.ErrNotExist) {
			continue // somebody's probe, gone since the listing
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.Name != event || len(f.Fields) < len(common) || !f.Fields[0].Common || f.Print == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestReadFormatMissing(t *testing.T) {
	if _, err := tracefs.ReadFormat("..", "events"); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("bad name: %v", err)
	}
	needRoot(t)
	_, err := tracefs.ReadFormat("sched", "sched_swich")
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "similar: sched:sched_switch") {
		t.Errorf("missing event: %v", err)
	}
}
