package bcc

import (
	"strings"

	"github.com/cilium/ebpf"

	"github.com/gobcc/bcc/internal/tracefs"
)

// autoAttach attaches, in alphabetical order, the functions whose names say where they belong.
func (b *BPF) autoAttach() error {
	for _, f := range b.module.Functions() {
		if err := b.autoAttachOne(f); err != nil {
			return err
		}
	}
	return nil
}

func (b *BPF) autoAttachOne(function string) error {
	kind, rest, _ := strings.Cut(function, "__")
	var err error
	switch kind {
	case "kprobe":
		_, err = b.AttachKprobe(plainSyscall(rest), function, nil)
	case "kretprobe":
		_, err = b.AttachKretprobe(plainSyscall(rest), function, nil)
	case "tracepoint":
		_, err = b.AttachTracepoint(tracepointName(rest), function)
	case "raw_tracepoint":
		_, err = b.AttachRawTracepoint(rest, function)
	case "kfunc", "kretfunc":
		_, err = b.attachLoaded(function, ebpf.Tracing, (*Program).AttachTracing)
	case "lsm":
		_, err = b.attachLoaded(function, ebpf.LSM, (*Program).AttachLSM)
	}
	return err
}

func (b *BPF) attachLoaded(function string, t ProgType, attach func(*Program) (*Link, error)) (*Link, error) {
	p, err := b.LoadFunc(function, t, nil)
	if err != nil {
		return nil, err
	}
	return attach(p)
}

// syscallPrefixes are what kernels put before the name of a system call.
var syscallPrefixes = []string{"sys_", "__x64_sys_", "__x32_compat_sys_", "__ia32_compat_sys_", "__arm64_sys_", "__s390x_sys_",
	"__s390_sys_", "__riscv_sys_"}

// plainSyscall replaces another kernel's prefix of a system call by the plain one, which stands for this kernel's.
func plainSyscall(function string) string {
	for _, p := range syscallPrefixes {
		if rest, ok := strings.CutPrefix(function, p); ok {
			return "sys_" + rest
		}
	}
	return function
}

// tracepointName splits category__event. Both may have two underscores in them: the split that exists counts.
func tracepointName(name string) string {
	for i := 0; ; {
		j := strings.Index(name[i:], "__")
		if j < 0 {
			return strings.Replace(name, "__", ":", 1)
		}
		category, event := name[:i+j], name[i+j+2:]
		if tracefs.Exists(category, event) {
			return category + ":" + event
		}
		i += j + 1
	}
}
