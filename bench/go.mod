module github.com/gobcc/bcc/bench

go 1.25.0

require (
	github.com/gobcc/bcc v0.0.0
	github.com/iovisor/gobpf v0.2.1-0.20221005153822-16120a1bf4d4
)

require (
	github.com/cilium/ebpf v0.22.0 // indirect
	golang.org/x/sys v0.43.0 // indirect
)

replace github.com/gobcc/bcc => ../
