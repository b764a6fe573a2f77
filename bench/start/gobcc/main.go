// Command gobcc is the peer of benchmark start that uses the library of this repository.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gobcc/bcc"
)

func main() {
	log.SetFlags(0)
	source, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	b, err := bcc.New(string(source), nil)
	if err != nil {
		log.Fatalf("%+v", err)
	}
	if _, err := b.AttachTracepoint("sched:sched_process_exec", "on_exec"); err != nil {
		log.Fatalf("%+v", err)
	}
	fmt.Println("READY")
	io.Copy(io.Discard, os.Stdin)
}
