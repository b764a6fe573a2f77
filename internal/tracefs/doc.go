// Package tracefs reads the kernel's trace file system: where it is mounted,
// which tracepoints there are, the layout of a tracepoint's record, and the
// text that bpf_trace_printk writes to trace_pipe.
//
// Parsing ([ParseFormat], [ParseLine]) is apart from reading, so that text
// from another machine can be parsed without root.
package tracefs
