package module

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/bpfsys"
	"github.com/gobcc/bcc/internal/caps"
)

// prefixes are the beginnings of functions' names that say what the function is for, and how the kernel's own function
// for it is called in its type information.
var prefixes = []struct {
	prefix, btfPrefix string
	attach            AttachType
	modules           bool // a module's name may stand before the function's: kfunc__vmlinux__vfs_read
}{
	{prefix: "kprobe__"}, {prefix: "kretprobe__"}, {prefix: "tracepoint__"}, {prefix: "raw_tracepoint__"},
	{prefix: "kfunc__", attach: ebpf.AttachTraceFEntry, modules: true},
	{prefix: "kretfunc__", attach: ebpf.AttachTraceFExit, modules: true},
	{prefix: "kmod_ret__", attach: ebpf.AttachModifyReturn},
	{prefix: "lsm__", btfPrefix: "bpf_lsm_", attach: ebpf.AttachLSMMac},
	{prefix: "bpf_iter__", btfPrefix: "bpf_iter_", attach: ebpf.AttachTraceIter},
}

// programSpec is what libbcc would send for a function of that type.
func (m *Module) programSpec(f *Function, t ProgType, code []byte, o *ProgramOptions) (*bpfsys.Program, error) {
	s := &bpfsys.Program{Type: uint32(t), ExpectedAttachType: uint32(o.AttachType), Name: f.Name, License: m.obj.License,
		Code: code, FuncInfo: f.FuncInfo, FuncInfoSize: f.FuncInfoSize, LineInfo: f.LineInfo, LineInfoSize: f.LineInfoSize}
	if t != ebpf.Tracing && t != ebpf.Extension {
		s.KernelVersion = m.obj.KernelVersion
	}
	if o.Device != "" {
		dev, err := net.InterfaceByName(o.Device)
		if err != nil {
			return nil, fmt.Errorf("load function %s: device %s: %w", f.Name, o.Device, err)
		}
		s.Ifindex = uint32(dev.Index)
	}
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(f.Name, p.prefix)
		if !ok {
			continue
		}
		s.Name = rest
		if t == ebpf.Tracing || t == ebpf.LSM {
			s.ExpectedAttachType = uint32(p.attach)
			if p.modules {
				rest = strings.TrimPrefix(rest, "vmlinux__")
			}
			return s, setTarget(s, f.Name, p.btfPrefix+rest)
		}
		break
	}
	return s, nil
}

// setTarget finds the kernel's function that a tracing or LSM program is for.
func setTarget(s *bpfsys.Program, function, target string) error {
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		return fmt.Errorf("load function %s: the kernel's type information: %w", function, err)
	}
	var fn *btf.Func
	if err := kernel.TypeByName(target, &fn); err != nil {
		return fmt.Errorf("load function %s: this kernel has no function %s that a program can be attached to: %w", function, target, err)
	}
	id, err := kernel.TypeID(fn)
	if err != nil {
		return fmt.Errorf("load function %s: %w", function, err)
	}
	s.AttachBTFID = uint32(id)
	return nil
}

// programHint says what may help against an errno.
func programHint(t ProgType, err error) string {
	if !errors.Is(err, unix.EPERM) {
		return ""
	}
	need := []caps.Capability{caps.BPF}
	switch t {
	case ebpf.Kprobe, ebpf.TracePoint, ebpf.PerfEvent, ebpf.RawTracepoint, ebpf.Tracing, ebpf.LSM:
		need = append(need, caps.Perfmon)
	case ebpf.SocketFilter:
	default:
		need = append(need, caps.NetAdmin)
	}
	if hint := caps.Hint(need...); hint != "" {
		return hint
	}
	if hint := memlockHint(); hint != "" {
		return hint
	}
	return "the process has the capabilities; the kernel may be locked down, or a security module forbids it"
}
