// Package table reads and writes the tables of a BPF program: BCC's BPF_HASH, BPF_ARRAY and so on.
//
// # Bytes or types
//
// [Raw] is a table of bytes, whatever its kind. [Table] is the same table with Go types for keys and values, which are
// checked once, in [New], and cost nothing afterwards.
//
// # Errors
//
// A key that is not there is [ErrNotExist]. After Close, of the table or of the module that it belongs to, everything
// answers [os.ErrClosed]. The kernel's own errors are wrapped: errors.Is with an errno of golang.org/x/sys/unix works.
//
// # Concurrency
//
// Everything here is safe for concurrent use, but for iterators, which are for one goroutine each.
package table
