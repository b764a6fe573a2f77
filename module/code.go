package module

import (
	"encoding/binary"
	"fmt"
)

// An instruction is a byte of operation code, a byte of registers (destination low, source high), 16 bits of offset and
// 32 bits of immediate value.
const (
	insnSize        = 8
	loadWide        = 0x18 // BPF_LD | BPF_IMM | BPF_DW: takes two instructions
	pseudoMapFD     = 1    // source register: the immediate value is a map
	pseudoMapValue  = 2    // source register: a place in a map's value
	immediateOffset = 4
)

// eachMapReference calls f with each immediate value that stands for a map, and the four bytes that hold it.
func eachMapReference(code []byte, f func(value int32, at []byte) error) error {
	for i := 0; i < len(code); i += insnSize {
		if code[i] != loadWide {
			continue
		}
		if i+2*insnSize > len(code) {
			return fmt.Errorf("the code ends in the middle of an instruction")
		}
		if src := sourceRegister(code[i+1]); src == pseudoMapFD || src == pseudoMapValue {
			at := code[i+immediateOffset : i+insnSize]
			if err := f(int32(binary.NativeEndian.Uint32(at)), at); err != nil {
				return err
			}
		}
		i += insnSize
	}
	return nil
}

// sourceRegister takes the registers apart: C bit fields, so their order follows the byte order.
func sourceRegister(registers byte) byte {
	if littleEndian {
		return registers >> 4
	}
	return registers & 0xf
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// MapReferences returns code in which each reference to a map is the index that its value has in the table, for
// Function.Code. The error names a value that is not there.
func MapReferences(code []byte, index map[int]int) ([]byte, error) {
	code = append([]byte(nil), code...)
	err := eachMapReference(code, func(value int32, at []byte) error {
		i, ok := index[int(value)]
		if !ok {
			return fmt.Errorf("an instruction names a map that belongs to no table (%d)", value)
		}
		binary.NativeEndian.PutUint32(at, uint32(i))
		return nil
	})
	return code, err
}
