package module

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/bpfsys"
)

type (
	// ProgType is the kernel's kind of a program, such as ebpf.Kprobe or ebpf.XDP of github.com/cilium/ebpf.
	ProgType = ebpf.ProgramType
	// AttachType is what kind of hook a program is for, where its type leaves that open.
	AttachType = ebpf.AttachType
)

// ProgramOptions say how a function is loaded. Nil and every zero value mean the default.
type ProgramOptions struct {
	// AttachType is what kind of hook the program is for. Default: as the function's name says (kfunc__, lsm__, …), or none.
	AttachType AttachType
	// Device is the network device whose hardware runs the program; default: the kernel does.
	Device string
}

// Program is a function in the kernel. It is safe for concurrent use.
type Program struct {
	name   string
	module *Module

	mu   sync.RWMutex
	prog *ebpf.Program // nil once closed
	typ  ProgType
}

// Load loads a function as a program of the given type.
//
// The error matches [ErrNoFunction], or is a [*LoadError] with the verifier's log.
func (m *Module) Load(function string, t ProgType, o *ProgramOptions) (*Program, error) {
	f, err := m.function(function)
	if err != nil {
		return nil, err
	}
	if o == nil {
		o = &ProgramOptions{}
	}
	code, release, err := m.code(f)
	if err != nil {
		return nil, err
	}
	defer release()
	spec, err := m.programSpec(f, t, code, o)
	if err != nil {
		return nil, err
	}
	if m.btf != nil {
		btf, ok := m.btf.Acquire()
		if !ok {
			return nil, errClosed
		}
		defer m.btf.Release()
		spec.BTF = btf
	}
	fd, err := m.load(spec, t, function)
	if err != nil {
		return nil, err
	}
	prog, err := ebpf.NewProgramFromFD(fd)
	if err != nil {
		return nil, fmt.Errorf("load function %s: %w", function, err)
	}
	p := &Program{name: function, module: m, prog: prog, typ: t}
	if err := m.addProgram(p); err != nil {
		prog.Close()
		return nil, err
	}
	return p, nil
}

// code returns a function's instructions with the tables' descriptors in place, which stay open until release.
func (m *Module) code(f *Function) (code []byte, release func(), err error) {
	var held []func()
	release = func() {
		for _, r := range held {
			r()
		}
	}
	code = append([]byte(nil), f.Code...)
	err = eachMapReference(code, func(index int32, at []byte) error {
		fd, done, ok := m.tables[index].Hold()
		if !ok {
			return errClosed
		}
		held = append(held, done)
		binary.NativeEndian.PutUint32(at, uint32(fd))
		return nil
	})
	if err != nil {
		release()
		return nil, nil, err
	}
	return code, release, nil
}

// Name is the function's name in the source.
func (p *Program) Name() string { return p.name }

// Type is what the function was loaded as.
func (p *Program) Type() ProgType { return p.typ }

// FD is the program's descriptor, -1 once it is closed. It belongs to the program.
func (p *Program) FD() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.prog == nil {
		return -1
	}
	return p.prog.FD()
}

// Tag is the kernel's hash of the instructions, 16 hexadecimal digits: the same for the same program, whoever loads it.
func (p *Program) Tag() (string, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.prog == nil {
		return "", p.closed()
	}
	info, err := p.prog.Info()
	if err != nil {
		return "", fmt.Errorf("program %s: %w", p.name, err)
	}
	return info.Tag, nil
}

// Clone returns the program for use with github.com/cilium/ebpf. It has a descriptor of its own: the caller closes it.
func (p *Program) Clone() (*ebpf.Program, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.prog == nil {
		return nil, p.closed()
	}
	return p.prog.Clone()
}

// Pin makes the program known under a path of a BPF file system, where it stays after the process.
func (p *Program) Pin(path string) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.prog == nil {
		return p.closed()
	}
	if err := bpfsys.ObjPin(p.prog.FD(), path); err != nil {
		return fmt.Errorf("pin program %s to %s: %w", p.name, path, err)
	}
	return nil
}

// Close closes the descriptor. What the program is attached to keeps it in the kernel until its link is closed. A second
// Close answers os.ErrClosed.
func (p *Program) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.prog == nil {
		return p.closed()
	}
	err := p.prog.Close()
	p.prog = nil
	p.module.removeProgram(p)
	return err
}

func (p *Program) closed() error { return fmt.Errorf("program %s: %w", p.name, os.ErrClosed) }

// namesWork is set once a kernel has taken a program with a name; then a failure is not the name's.
var namesWork atomic.Bool

// load sends a program to the kernel, in libbcc's order of attempts: as described, without type information, without a
// name, with a higher memory limit; and if all fail, once more for the verifier's log.
func (m *Module) load(spec *bpfsys.Program, t ProgType, function string) (int, error) {
	var level uint32
	var log []byte
	switch {
	case m.opts.Debug&DebugBPFRegisterState != 0:
		level = 2
	case m.opts.Debug&DebugBPF != 0:
		level = 1
	}
	if level > 0 {
		log = make([]byte, maxLog)
	}
	try := *spec
	fd, err := bpfsys.ProgLoad(&try, level, log)
	if err == unix.ENOSPC && level > 0 {
		m.opts.print(cString(log) + "\n[the verifier's log is longer than the kernel writes]\n")
		level, log = 0, nil
		fd, err = bpfsys.ProgLoad(&try, level, log)
	}
	if err == unix.EINVAL && try.BTF > 0 && len(try.FuncInfo) > 0 {
		try.BTF = 0
		fd, err = bpfsys.ProgLoad(&try, level, log)
	}
	if (err == unix.E2BIG || err == unix.EINVAL) && !namesWork.Load() {
		try.Name = ""
		fd, err = bpfsys.ProgLoad(&try, level, log)
	}
	if err == unix.EPERM && m.opts.raiseMemlock() {
		fd, err = bpfsys.ProgLoad(&try, level, log)
	}
	if err != nil {
		return -1, loadError(spec, t, function, max(level, 1), err)
	}
	if try.Name != "" {
		namesWork.Store(true)
	}
	m.opts.print(cString(log))
	return fd, nil
}

// maxLog is the largest buffer that all kernels take.
const maxLog = 16<<20 - 1

// loadError fetches the verifier's log of the program as it was meant to be, with its source lines.
func loadError(spec *bpfsys.Program, t ProgType, function string, level uint32, err error) error {
	e := &LoadError{What: "function " + function, Type: t.String(), Err: err}
	for _, size := range []int{1 << 20, maxLog} {
		log := make([]byte, size)
		fd, again := bpfsys.ProgLoad(spec, level, log)
		if fd >= 0 {
			unix.Close(fd)
		}
		e.Log = cString(log)
		if again != unix.ENOSPC {
			break
		}
	}
	e.Hint = programHint(t, err)
	if errors.Is(err, unix.E2BIG) && e.Log == "" {
		e.Hint = fmt.Sprintf("the program has %d instructions, more than this kernel takes", len(spec.Code)/insnSize)
	}
	return e
}
