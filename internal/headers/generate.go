package headers

import "fmt"

// A Request is a program to make a tree for.
type Request struct {
	// Source is the program's text.
	Source string
	// CFlags are the compiler's flags. Folders in them are relative to the current one.
	CFlags []string
	// Dir is the folder of the file that Source is from; headers in quotes are looked for there. Empty: it is from none.
	Dir string
	// Library is the file of libbcc. Empty: the one that FindLibrary finds.
	Library string
	// BTF is the file with the kernel's type information; that of its modules is beside it. Empty: the running kernel's.
	BTF string
	// Release is the kernel's, as uname -r says it. Empty: the running kernel's.
	Release string
	// Config is a file with the kernel's configuration, plain or packed by gzip. Empty: it is looked for.
	Config string
	// Tracefs is where tracefs is mounted. Empty: it is looked for.
	Tracefs string
}

// A Tree is what Generate wrote.
type Tree struct {
	// Dir is the folder, for BCC_KERNEL_SOURCE.
	Dir string
	// CFlags are the flags to compile with instead of the request's: libbcc compiles in Dir, so paths in them are absolute.
	CFlags []string
	// Types is how many of the kernel's types are defined in the tree.
	Types int
	// Bytes is the size of what is not empty.
	Bytes int
	// Unknown are structs, unions and enums ("struct x") that the program names and that are in none of the program, libbcc,
	// the kernel and its modules.
	Unknown []string
}

// Generate writes a header tree for a program into dir, which must exist and be empty.
//
// The error matches [os.ErrNotExist] where the kernel has no type information, [ErrBTF] where it is malformed, and
// [ErrLibrary] where libbcc is not what is expected.
func Generate(dir string, req *Request) (*Tree, error) {
	g, err := newGenerator(req)
	if err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	defer g.kernel.close()
	text, err := g.generate()
	if err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	n, err := g.write(dir, text)
	if err != nil {
		return nil, fmt.Errorf("headers: %w", err)
	}
	return &Tree{Dir: dir, CFlags: g.cflags(), Types: len(g.order), Bytes: n, Unknown: g.unknown}, nil
}
