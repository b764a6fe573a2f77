// Package headers makes a tree of kernel headers for one source text out of the running kernel's own type information
// (BTF), so that libbcc compiles on machines where no kernel headers are installed, and with the layouts of the kernel that
// runs rather than of the one whose headers happen to be there.
//
// # What a tree is
//
// [Generate] writes a folder to be given to libbcc as BCC_KERNEL_SOURCE:
//
//	include/linux/kconfig.h       the CONFIG_ names that the text asks about, then the three below in this order
//	include/linux/gobcc_base.h    what libbcc's own bpf.h needs before it can be read: __u32 and the like
//	/virtual/include/bcc/bpf.h    libbcc's own; its guard makes the later, regular inclusion do nothing
//	include/linux/gobcc_kernel.h  the kernel's types and macros that the text can reach, some kilobytes
//	include/...                   an empty file for every kernel header that the text includes
//
// libbcc reads kconfig.h before everything else, so all is declared before any other header could declare it.
//
// # How it is made
//
// A scanner (scan*.go), which knows C's words but not its grammar, finds what the text names and what it defines itself.
// Of the kernel's types the tree has those that are named, those that they hold by value, and those behind a pointer if the
// text has the pointer's name (select*.go). They come from BTF, decoded as needed (btf*.go), and become C with exactly the
// kernel's layout (btfc*.go). What BTF lacks is macros: a table of the kernel's own (macros/), the constants of its user
// interface (uapi/), and its configuration. Nothing is emitted that libbcc's own bpf.h defines (libbcc.go), and a kernel type
// whose name the text uses for something of its own is renamed.
package headers
