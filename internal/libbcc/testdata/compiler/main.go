// Command compiler compiles its argument and prints what came of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/gobcc/bcc/internal/libbcc"
)

func main() {
	r, err := libbcc.Compile(context.Background(), &libbcc.Request{Source: os.Args[1]})
	switch {
	case errors.Is(err, libbcc.ErrNoCompiler):
		fmt.Println("ErrNoCompiler:", err)
	case err != nil:
		fmt.Println("error:", err)
	default:
		fmt.Println("functions:", len(r.Functions))
	}
}
