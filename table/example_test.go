package table_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/table"
)

// A map of another library as a table; programs of package bcc get theirs from bcc.TableOf.
func Example() {
	m, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 10})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	fd, err := unix.FcntlInt(uintptr(m.FD()), unix.F_DUPFD_CLOEXEC, 0) // the table takes its descriptor over
	if err != nil {
		log.Fatal(err)
	}
	raw, err := table.FromFD(fd, table.Description{Name: "counts"})
	if err != nil {
		log.Fatal(err)
	}
	defer raw.Close()

	counts, err := table.New[uint32, uint64](raw)
	if err != nil {
		log.Fatal(err)
	}
	if err := counts.Set(7, 100); err != nil {
		log.Fatal(err)
	}
	n, err := counts.Get(7)
	fmt.Println(n, err)
	_, err = counts.Get(8)
	fmt.Println(errors.Is(err, table.ErrNotExist))
}
