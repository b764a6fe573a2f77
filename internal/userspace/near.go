package userspace

import "github.com/gobcc/bcc/internal/near"

// Near returns names of functions in the file that are like a wrong one.
func (f *File) Near(name string) []string { return near.Names(name, f.Names()) }
