// Package module holds compiled BPF programs as data and brings them into the kernel.
//
// # Objects
//
// An [Object] is all that a program is: functions with their instructions, tables, type information, license. It is plain
// data, with a binary form ([Object.MarshalBinary]), and does not remember where it came from.
//
// # Modules
//
// [Load] makes an object's tables in the kernel, with what libbcc would have sent. [Module.Load] then loads a function as
// a [Program], of a type that the caller names, and the program's Attach methods make a [Link].
//
// # Lifetime
//
// Who opened, closes. Closing a [Module] closes its links, newest first, then its programs, then its tables; what was
// closed answers [os.ErrClosed]. The garbage collector never closes or detaches anything: a module stays until Close.
//
// # Errors
//
// [CompileError] has the compiler's messages, [LoadError] the verifier's log, [AttachError] what was attached where, and
// a hint. All wrap the kernel's errno.
package module
