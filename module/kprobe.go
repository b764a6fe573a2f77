package module

import (
	"errors"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// KprobeOptions say where in a kernel function a probe goes. Nil and every zero value mean the default.
type KprobeOptions struct {
	// Offset is how many bytes into the function; entry probes only. It must be the start of an instruction.
	Offset uint64
	// MaxActive is how many calls of the function may be in flight at once and still be seen when they return; return
	// probes only. Default: the kernel's, some per CPU. Other values need tracefs, where the
	// probe stays when the process is killed.
	MaxActive int
}

// AttachKprobe runs the program whenever a kernel function is entered. The program must be of type ebpf.Kprobe. A system
// call may go by its plain name: sys_clone is __x64_sys_clone on current x86-64 kernels.
//
// The error is an [*AttachError]; it matches os.ErrNotExist for a function that does not exist, and
// [ErrNoKprobes] on a kernel without kprobes.
func (p *Program) AttachKprobe(function string, o *KprobeOptions) (*Link, error) {
	return p.kprobe("kprobe", function, o, link.Kprobe)
}

// AttachKretprobe runs the program whenever a kernel function returns; otherwise as [Program.AttachKprobe].
func (p *Program) AttachKretprobe(function string, o *KprobeOptions) (*Link, error) {
	return p.kprobe("kretprobe", function, o, link.Kretprobe)
}

type kprobeFunc func(string, *ebpf.Program, *link.KprobeOptions) (link.Link, error)

func (p *Program) kprobe(op, function string, o *KprobeOptions, attach kprobeFunc) (*Link, error) {
	if o == nil {
		o = &KprobeOptions{}
	}
	if op == "kretprobe" && o.Offset != 0 {
		return nil, attachError(op, function, p.name, errReturnOffset)
	}
	if op == "kprobe" && o.MaxActive != 0 {
		return nil, attachError(op, function, p.name, errors.New("MaxActive is for return probes"))
	}
	return p.attach(op, function, func(prog *ebpf.Program) (link.Link, error) {
		if err := p.wrongType(ebpf.Kprobe); err != nil {
			return nil, err
		}
		if err := haveKprobes(); err != nil {
			return nil, err
		}
		l, err := attach(function, prog, &link.KprobeOptions{Offset: o.Offset, RetprobeMaxActive: o.MaxActive, TraceFSPrefix: "gobcc"})
		if errors.Is(err, os.ErrNotExist) {
			return nil, hinted{fmt.Errorf("no such kernel function, or it cannot be probed: %w", os.ErrNotExist), ""}
		}
		return l, err
	})
}

// ErrNoKprobes means that the kernel was built without kprobes.
var ErrNoKprobes = errors.New("this kernel lacks kprobes (CONFIG_KPROBES)")

// haveKprobes looks for the kernel's event source of that name, and for the older interface in tracefs.
func haveKprobes() error {
	for _, f := range []string{
		"/sys/bus/event_source/devices/kprobe/type",
		"/sys/kernel/tracing/kprobe_events",
		"/sys/kernel/debug/tracing/kprobe_events",
	} {
		if _, err := os.Stat(f); !errors.Is(err, os.ErrNotExist) {
			return nil
		}
	}
	return hinted{ErrNoKprobes, "use a tracepoint, or a kernel with CONFIG_KPROBE_EVENTS"}
}
