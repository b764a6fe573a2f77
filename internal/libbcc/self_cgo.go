//go:build linux && cgo

package libbcc

// #cgo CFLAGS: -O2 -Wall -Wextra
// #cgo LDFLAGS: -ldl
// #include "self.h"
import "C"

// selfIsChild tells whether this executable holds the compile child, so that it can be executed again as one: not so
// when the library is part of a plug-in or of a shared object in a foreign program.
func selfIsChild() bool { return C.gobcc_is_main_executable() != 0 }
