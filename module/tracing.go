package module

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// AttachTracing attaches a program of type ebpf.Tracing to the kernel function that its own name says: kfunc__vmlinux__f
// at the entry of f, kretfunc__vmlinux__f at its return, kmod_ret__f in between. Needs kernel 5.5 with BTF.
func (p *Program) AttachTracing() (*Link, error) {
	return p.attach("tracing", p.name, func(prog *ebpf.Program) (link.Link, error) {
		if err := p.wrongType(ebpf.Tracing); err != nil {
			return nil, err
		}
		return link.AttachTracing(link.TracingOptions{Program: prog})
	})
}

// AttachLSM attaches a program of type ebpf.LSM to the security hook that its own name says: lsm__h to h. Needs kernel
// 5.7 with BTF, and bpf among the kernel's security modules (lsm=…,bpf).
func (p *Program) AttachLSM() (*Link, error) {
	return p.attach("lsm", p.name, func(prog *ebpf.Program) (link.Link, error) {
		if err := p.wrongType(ebpf.LSM); err != nil {
			return nil, err
		}
		return link.AttachLSM(link.LSMOptions{Program: prog})
	})
}
