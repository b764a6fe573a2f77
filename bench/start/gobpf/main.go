// Command gobpf is the peer of benchmark start that uses github.com/iovisor/gobpf.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/iovisor/gobpf/bcc"
)

func main() {
	log.SetFlags(0)
	source, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	m := bcc.NewModule(string(source), nil)
	if m == nil {
		log.Fatal("libbcc refused the program")
	}
	fd, err := m.LoadTracepoint("on_exec")
	if err != nil {
		log.Fatal(err)
	}
	if err := m.AttachTracepoint("sched:sched_process_exec", fd); err != nil {
		log.Fatal(err)
	}
	fmt.Println("READY")
	io.Copy(io.Discard, os.Stdin)
}
