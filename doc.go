// Package bcc compiles and runs BPF programs written in BCC's dialect of C, as the Python package bcc does.
//
// # A program
//
// [New] compiles a source text with libbcc, makes its tables, and loads and attaches the functions whose names say where
// they belong:
//
//	kprobe__F, kretprobe__F                     entry and return of the kernel function F
//	tracepoint__C__E or TRACEPOINT_PROBE(C, E)  the tracepoint C:E
//	raw_tracepoint__E                           the raw tracepoint E
//	kfunc__vmlinux__F, kretfunc__vmlinux__F     the same as kprobes, through the kernel's type information
//	lsm__H                                      the security hook H
//
// All others are attached by the Attach methods of [BPF].
//
// # Lifetime
//
// A [BPF] owns what was opened through it. [BPF.Close] detaches and closes everything; afterwards everything answers
// [os.ErrClosed]. The garbage collector never detaches anything, and the kernel detaches when the process ends, however it
// ends.
//
// # What it needs
//
// Compiling needs libbcc.so.0 (0.25 or newer) on the machine, not at build time, and a kernel with type information (BTF), or
// kernel headers: see [Headers]. It happens in a child process, which is this executable again: LLVM never enters the process. Loading and attaching need CAP_BPF and
// CAP_PERFMON (kernel 5.8), or root. Tracing output and tracepoints need tracefs.
//
// # Errors
//
// [CompileError] has the compiler's messages with file, line and column, [LoadError] the verifier's log, [AttachError] what
// was attached where, and a hint. errors.Is finds the kernel's errno in all of them. Nothing is printed unless a debug flag
// asks for it.
package bcc
