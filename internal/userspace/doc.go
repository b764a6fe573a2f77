// Package userspace finds places in programs and libraries: the file that a library's short name stands for, and the
// offset in it at which a symbol's code is, as uprobes want it.
package userspace
