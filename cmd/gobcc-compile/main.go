// Command gobcc-compile is the compile child of github.com/gobcc/bcc for programs that cannot be it themselves: those
// built without cgo, and those in which the library is part of a foreign executable. They find it in PATH and start it by
// themselves.
package main

import (
	"fmt"
	"os"

	"github.com/gobcc/bcc/internal/libbcc" // the child: a C constructor
)

func main() {
	if !libbcc.HasChild() {
		fmt.Fprintln(os.Stderr, "gobcc-compile was built without cgo, and is of no use so: install a C compiler and build it again.")
		os.Exit(2)
	}
	fmt.Fprintln(os.Stderr, "gobcc-compile is started by programs that use github.com/gobcc/bcc; it has no use by hand.")
	os.Exit(2)
}
