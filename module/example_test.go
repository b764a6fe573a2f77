package module_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/cilium/ebpf"

	"github.com/gobcc/bcc/module"
)

// A program of two instructions, put together by hand; a compiled one has the same form.
func returnsZero() *module.Object {
	return &module.Object{
		License: "GPL",
		Functions: []module.Function{{
			Name: "returns_zero",
			Code: []byte{0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0}, // r0 = 0; exit
		}},
	}
}

// Objects can be kept and loaded later, without a compiler.
func ExampleObject_MarshalBinary() {
	b, err := returnsZero().MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}
	var read module.Object
	if err := read.UnmarshalBinary(b); err != nil {
		log.Fatal(err)
	}
	fmt.Println(read.Functions[0].Name, len(read.Functions[0].Code)/8, "instructions")

	b[len(b)-1] ^= 1
	fmt.Println(errors.Is(read.UnmarshalBinary(b), module.ErrFormat))
	// Output:
	// returns_zero 2 instructions
	// true
}

// From an object to a program that runs.
func ExampleLoad() {
	m, err := module.Load(returnsZero(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	p, err := m.Load("returns_zero", ebpf.TracePoint, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := p.AttachTracepoint("sched", "sched_switch"); err != nil {
		log.Fatal(err)
	}
}
