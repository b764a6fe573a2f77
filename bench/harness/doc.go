// Package harness compares programs that do the same work: whole processes, one after another in turn.
//
// # A peer
//
// A [Peer] is a command. It does its work, prints the line READY, keeps what it has until its standard input ends, and
// then exits. While it waits its memory is read; when it is gone the kernel says what it used.
//
// # What is measured
//
// A [Sample] is one run. Its processor time is that of the process from fork to exit, user and system, and of all children
// that it waited for. The peers of a case run in turn, A B C, B C A and so on, after one turn that is not counted: so what
// else the machine does meets all of them. Figures are medians.
package harness
