package module_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gobcc/bcc/module"
)

func TestMapReferences(t *testing.T) {
	end := instruction(exit, 0, 0)
	index := map[int]int{0: 5, 3: 1, 7: 0, -1: 9}
	tests := []struct {
		name       string
		code, want []byte
	}{
		{"no code", nil, nil},
		{"no maps", end, end},
		{"a map", join(loadMap(1, 3), end), join(loadMap(1, 1), end)},
		{"an address in a map's value", join(loadMap(2, 7), end), join(loadMap(2, 0), end)},
		{"several", join(loadMap(1, 0), loadMap(2, 3), end, loadMap(1, 0)), join(loadMap(1, 5), loadMap(2, 1), end, loadMap(1, 5))},
		{"a negative value", loadMap(1, -1), loadMap(1, 9)},
		{"wide numbers and other wide loads stay", join(loadMap(0, 3), loadMap(3, 3), loadMap(4, 3)), join(loadMap(0, 3), loadMap(3, 3), loadMap(4, 3))},
		{"the second half of a wide load stays", join(instruction(loadWide, 0, 3), instruction(loadWide, 1, 3)),
			join(instruction(loadWide, 0, 3), instruction(loadWide, 1, 3))},
		{"other instructions stay", instruction(0x85, 1, 3), instruction(0x85, 1, 3)}, // a call
	}
	for _, tt := range tests {
		before := bytes.Clone(tt.code)
		got, err := module.MapReferences(tt.code, index)
		if err != nil || !bytes.Equal(got, tt.want) {
			t.Errorf("%s: %x, %v; want %x", tt.name, got, err, tt.want)
		}
		if !bytes.Equal(tt.code, before) {
			t.Errorf("%s: the caller's code was changed to %x", tt.name, tt.code)
		}
	}
}

func TestMapReferencesRefuses(t *testing.T) {
	tests := []struct {
		name, want string
		code       []byte
		index      map[int]int
	}{
		{"an unknown map", "belongs to no table (4)", loadMap(1, 4), map[int]int{3: 0}},
		{"the second map", "belongs to no table (4)", join(loadMap(1, 3), loadMap(2, 4)), map[int]int{3: 0}},
		{"no tables", "belongs to no table (-1)", loadMap(1, -1), nil},
		{"half a wide load", "the code ends in the middle of an instruction", instruction(loadWide, 1, 3), map[int]int{3: 0}},
	}
	for _, tt := range tests {
		if _, err := module.MapReferences(tt.code, tt.index); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}
