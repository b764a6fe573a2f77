//go:build !linux || !cgo

package libbcc

// selfIsChild is false: the compile child is C code, which this build has left out.
func selfIsChild() bool { return false }
