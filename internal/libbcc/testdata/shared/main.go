// A library for programs that are not Go.
package main

import "C"

import (
	"context"
	"errors"
	"fmt"

	"github.com/gobcc/bcc/internal/libbcc"
)

//export compileText
func compileText(source *C.char) {
	r, err := libbcc.Compile(context.Background(), &libbcc.Request{Source: C.GoString(source)})
	switch {
	case errors.Is(err, libbcc.ErrNoCompiler):
		fmt.Println("ErrNoCompiler:", err)
	case err != nil:
		fmt.Println("error:", err)
	default:
		fmt.Println("functions:", len(r.Functions))
	}
}

func main() {}
