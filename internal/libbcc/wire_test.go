package libbcc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func numbers(ns ...uint32) (b []byte) {
	for _, n := range ns {
		b = binary.NativeEndian.AppendUint32(b, n)
	}
	return b
}

// field makes one field of a message, of numbers and bytes.
func field(tag uint32, parts ...[]byte) []byte {
	value := bytes.Join(parts, nil)
	return append(numbers(tag, uint32(len(value))), value...)
}

// reply makes a message of a child, with a header that announces length bytes.
func reply(length uint64, payload []byte) []byte {
	b := append([]byte("gobccREP"), numbers(1, 0)...)
	return append(binary.NativeEndian.AppendUint64(b, length), payload...)
}

// The form of a request, byte for byte as wire.h has it.
func TestRequest(t *testing.T) {
	var m message
	m.addIf(reqPublic, "")
	m.addIf(reqDevice, "eth0")
	m.add(reqCFlag, "")
	m.add(reqSource, "int x;\x00")
	payload := bytes.Join([][]byte{field(5, []byte("eth0")), field(3), field(1, []byte("int x;\x00"))}, nil)
	want := bytes.Join([][]byte{[]byte("gobccREQ"), numbers(1, 2), binary.NativeEndian.AppendUint64(nil, uint64(len(payload))), payload}, nil)
	if got := m.bytes(opResolve); !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := new(message).bytes(opCompile); len(got) != 24 || !bytes.HasSuffix(got, make([]byte, 8)) {
		t.Errorf("an empty request is %q", got)
	}
}

// Numbers that wire.h has too.
func TestTags(t *testing.T) {
	for name, tags := range map[string][2]uint32{
		"REQ_SOURCE": {reqSource, 1}, "REQ_PUBLIC": {reqPublic, 2}, "REQ_CFLAG": {reqCFlag, 3}, "REQ_DEBUG": {reqDebug, 4},
		"REQ_DEVICE": {reqDevice, 5}, "REQ_LIBRARY": {reqLibrary, 6}, "REQ_SYMBOL": {reqSymbol, 7},
		"REP_ERROR": {repError, 1}, "REP_LIBRARY": {repLibrary, 2}, "REP_FAILED": {repFailed, 3}, "REP_LICENSE": {repLicense, 4},
		"REP_KERNEL": {repKernel, 5}, "REP_PHASE": {repPhase, 6}, "REP_MAP": {repMap, 7}, "REP_BTF": {repBTF, 8}, "REP_PIN": {repPin, 9},
		"REP_TABLE": {repTable, 10}, "REP_NAME": {repName, 11}, "REP_KEY": {repKey, 12}, "REP_LEAF": {repLeaf, 13},
		"REP_EVENT": {repEvent, 14}, "REP_FUNCTION": {repFunction, 15}, "REP_CODE": {repCode, 16}, "REP_FUNC_INFO": {repFuncInfo, 17},
		"REP_LINE_INFO": {repLineInfo, 18}, "REP_OFFSET": {repOffset, 19}, "REP_NO_LIBRARY": {repNoLibrary, 20},
	} {
		if tags[0] != tags[1] {
			t.Errorf("%s is %d, wire.h has %d", name, tags[0], tags[1])
		}
	}
}

func TestReadReply(t *testing.T) {
	payload := field(repLicense, []byte("GPL"))
	large := bytes.Repeat([]byte("large"), 1<<20)
	tests := []struct {
		name  string
		input []byte
		want  []byte
		err   error
	}{
		{"a reply", reply(uint64(len(payload)), payload), payload, nil},
		{"a large reply", reply(uint64(len(large)), large), large, nil},
		{"an empty reply", reply(0, nil), []byte{}, nil},
		{"more than the reply", reply(3, []byte("abcdef")), []byte("abc"), nil},
		{"nothing", nil, nil, io.EOF},
		{"half a header", reply(0, nil)[:23], nil, io.ErrUnexpectedEOF},
		{"no payload", reply(1, nil), nil, io.ErrUnexpectedEOF},
		{"a payload cut short", reply(uint64(len(payload)), payload[:len(payload)-1]), nil, io.ErrUnexpectedEOF},
		{"a request", append([]byte("gobccREQ"), reply(0, nil)[8:]...), nil, errGarbage},
		{"another version", append([]byte("gobccREP"), append(numbers(2, 0), make([]byte, 8)...)...), nil, errGarbage},
		{"what another program prints", []byte("Usage: gobcc-compile [options]\n"), nil, errGarbage},
		{"a byte more than a GiB", reply(1<<30+1, nil), nil, errGarbage},
		{"the largest length", reply(1<<64-1, nil), nil, errGarbage},
	}
	for _, tt := range tests {
		for how, r := range map[string]io.Reader{"at once": bytes.NewReader(tt.input), "in halves": iotest.HalfReader(bytes.NewReader(tt.input))} {
			got, err := readReply(r)
			if !errors.Is(err, tt.err) || !bytes.Equal(got, tt.want) {
				t.Errorf("%s, %s: %d bytes, %v; want %d bytes, %v", tt.name, how, len(got), err, len(tt.want), tt.err)
			}
		}
	}
}

func TestReadReplyPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	for name, start := range map[string][]byte{"in the header": reply(9, nil)[:10], "in the payload": reply(9, []byte("a"))} {
		r := io.MultiReader(bytes.NewReader(start), iotest.ErrReader(broken))
		if _, err := readReply(r); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// allocated is how much memory f takes, in bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestReadReplyTakesNoMemoryForPromises(t *testing.T) {
	input := reply(1<<30, []byte("not a GiB"))
	var err error
	took := allocated(func() { _, err = readReply(bytes.NewReader(input)) })
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if took > 1<<20 {
		t.Errorf("%d bytes of memory for %d", took, len(input))
	}
}

func TestFields(t *testing.T) {
	type pair struct {
		tag   uint32
		value string
	}
	tests := []struct {
		name    string
		payload []byte
		want    []pair
		err     string
	}{
		{name: "none"},
		{name: "two", payload: append(field(7, []byte("seven")), field(0)...), want: []pair{{7, "seven"}, {0, ""}}},
		{name: "a tag that nobody knows", payload: field(1<<32 - 1), want: []pair{{1<<32 - 1, ""}}},
		{name: "half a head", payload: append(field(1), 1, 2, 3), want: []pair{{1, ""}}, err: "3 bytes after the last field"},
		{name: "a byte short", payload: field(9, []byte("nine"))[:11], err: "field 9 is cut short"},
		{name: "a field of 4 GiB", payload: append(numbers(9, 1<<32-1), "nine"...), err: "field 9 is cut short"},
	}
	for _, tt := range tests {
		var got []pair
		err := fields(tt.payload, func(tag uint32, v []byte) error {
			got = append(got, pair{tag, string(v)})
			return nil
		})
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if tt.err == "" && err != nil || tt.err != "" && (!errors.Is(err, errGarbage) || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
	stop, calls := errors.New("stop"), 0
	err := fields(append(field(1), field(2)...), func(uint32, []byte) error { calls++; return stop })
	if err != stop || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
