// Package libbcc compiles BPF C text with libbcc, in a child process, and hands back plain data.
//
// # The child
//
// The child is this executable, executed again under a private name. A C constructor (child.c) sees the name, takes the
// request from a socket, opens libbcc.so.0, compiles, writes the reply and exits, all before the Go runtime starts. So
// LLVM's memory, its crashes and its output stay out of the process, and nothing links to libbcc.
//
// While libbcc compiles, the child answers its bpf(2) calls and writes them down (record.c): a seccomp filter traps them.
// Nothing reaches the kernel, no privileges are needed, and the reply holds what libbcc would have sent.
//
// # Where there is no C code
//
// A program built without cgo, or a library inside a foreign executable, has no such constructor. It uses the installed
// command gobcc-compile as the child, and answers [ErrNoCompiler] where that is not installed either.
package libbcc
