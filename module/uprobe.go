package module

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/gobcc/bcc/internal/libbcc"
	"github.com/gobcc/bcc/internal/userspace"
)

// UprobeOptions say where in a program a probe goes, and for whom. Nil and every zero value mean the default.
type UprobeOptions struct {
	// Offset is how many bytes past the symbol or the address; entry probes only.
	Offset uint64
	// Address is a place in the code instead of a symbol, as the file has it (nm and objdump show it); then the symbol
	// must be empty.
	Address uint64
	// PID is the process in which the program runs; default: all. A library's short name is then the library that this
	// process has loaded, and paths are those of its root folder.
	PID int
}

// AttachUprobe runs the program whenever a function of a program or library is entered. The program must be of type
// ebpf.Kprobe.
//
// The binary is a path, or a library's short name: "c" is libc. A function of several implementations, of which the
// library chooses one for the processor (an IFUNC, such as strlen), stands for the one that was chosen.
//
// The error is an [*AttachError] that names near symbols; it matches [ErrNoSymbol] or [ErrNoLibrary].
func (p *Program) AttachUprobe(binary, symbol string, o *UprobeOptions) (*Link, error) {
	return p.uprobe("uprobe", binary, symbol, o, (*link.Executable).Uprobe)
}

// AttachUretprobe runs the program whenever a function of a program or library returns; otherwise as
// [Program.AttachUprobe].
func (p *Program) AttachUretprobe(binary, symbol string, o *UprobeOptions) (*Link, error) {
	return p.uprobe("uretprobe", binary, symbol, o, (*link.Executable).Uretprobe)
}

var (
	// ErrNoSymbol means that a program or library has no such symbol.
	ErrNoSymbol = userspace.ErrNoSymbol
	// ErrNoLibrary means that no file belongs to a library's short name.
	ErrNoLibrary = userspace.ErrNoLibrary
)

type uprobeFunc func(*link.Executable, string, *ebpf.Program, *link.UprobeOptions) (link.Link, error)

func (p *Program) uprobe(op, binary, symbol string, o *UprobeOptions, attach uprobeFunc) (*Link, error) {
	if o == nil {
		o = &UprobeOptions{}
	}
	target := binary + ":" + symbol
	if symbol == "" {
		target = fmt.Sprintf("%s:%#x", binary, o.Address)
	}
	if err := p.wrongType(ebpf.Kprobe); err != nil {
		return nil, attachError(op, target, p.name, err)
	}
	if op == "uretprobe" && o.Offset != 0 {
		return nil, attachError(op, target, p.name, errReturnOffset)
	}
	// This may take a while, and must not hold the program: Close waits for whoever does.
	path, offset, err := place(binary, symbol, o)
	if err != nil {
		return nil, attachError(op, target, p.name, err)
	}
	return p.attach(op, target, func(prog *ebpf.Program) (link.Link, error) {
		exe, err := link.OpenExecutable(path)
		if err != nil {
			return nil, err
		}
		// The offset in the file is all that the kernel wants; with an address given, nothing is looked up again.
		return attach(exe, "", prog, &link.UprobeOptions{Address: offset, PID: o.PID, TraceFSPrefix: "gobcc"})
	})
}

// errReturnOffset is for return probes: one inside of a function would take something else for the return address, and
// crash what is traced.
var errReturnOffset = errors.New("a return probe has no offset")

// resolveLimit is how long a library may take to choose an implementation. It takes milliseconds.
const resolveLimit = 10 * time.Second

// place finds the file and the offset in it.
func place(binary, symbol string, o *UprobeOptions) (path string, offset uint64, err error) {
	if (symbol == "") == (o.Address == 0) {
		return "", 0, fmt.Errorf("expected a symbol or an address, and not both")
	}
	path = binary
	switch {
	case !strings.Contains(binary, "/"):
		path, err = userspace.FindLibrary(binary, o.PID)
	case o.PID > 0 && !strings.HasPrefix(binary, "/"):
		err = fmt.Errorf("with a process given, expected an absolute path, as it is in that process's root folder")
	case o.PID > 0:
		path = fmt.Sprintf("/proc/%d/root%s", o.PID, binary)
	}
	if err != nil {
		return "", 0, err
	}
	f, err := userspace.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	address := o.Address
	if symbol != "" {
		address, err = symbolAddress(f, path, symbol, o.PID)
		if err != nil {
			return "", 0, err
		}
	}
	offset, err = f.Offset(address + o.Offset)
	return path, offset, err
}

func symbolAddress(f *userspace.File, path, symbol string, pid int) (uint64, error) {
	s, err := f.Symbol(symbol)
	if errors.Is(err, userspace.ErrNoSymbol) {
		return 0, hinted{err, didYouMean(f.Near(symbol))}
	}
	if err != nil || !s.IFunc {
		return s.Address, err
	}
	if f.SearchesElsewhere() {
		return 0, fmt.Errorf("%s is an IFUNC, and %s has a search path of its own: asking it for the implementation could run any code", symbol, path)
	}
	address, err := implementation(path, symbol, pid)
	if err != nil {
		return 0, hinted{fmt.Errorf("%s is an IFUNC, and the implementation that runs was not found: %w", symbol, err),
			"attach to one of its implementations by name"}
	}
	return address, nil
}

// implementation asks the library itself, which runs its code in a child process: only where that is as good as ours.
func implementation(path, symbol string, pid int) (uint64, error) {
	path, err := ownPath(path, pid)
	if err != nil {
		return 0, err
	}
	path, err = userspace.Trusted(path)
	if err != nil {
		return 0, fmt.Errorf("asking the library means to run its code, but %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveLimit)
	defer cancel()
	return libbcc.Resolve(ctx, path, symbol)
}

// ownPath turns a path through a process's root folder into our own path of the same file.
func ownPath(path string, pid int) (string, error) {
	rest, ok := strings.CutPrefix(path, fmt.Sprintf("/proc/%d/root", pid))
	if pid == 0 || !ok {
		return path, nil
	}
	theirs, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	ours, err := os.Stat(rest)
	if err != nil || !os.SameFile(ours, theirs) {
		return "", fmt.Errorf("%s of process %d is a file of another mount namespace", rest, pid)
	}
	return rest, nil
}
