package module

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/gobcc/bcc/internal/fdguard"
	"github.com/gobcc/bcc/table"
)

// open holds every module that was not closed, with its programs and links: the garbage collector must not close them.
var open sync.Map

// Module is an object in the kernel. It is safe for concurrent use.
type Module struct {
	obj    *Object
	opts   LoadOptions
	btf    *fdguard.FD  // nil: none
	tables []*table.Raw // as in the object

	mu       sync.Mutex
	closed   bool
	programs []*Program
	links    []*Link // in the order of attaching
}

func (m *Module) open() {
	open.Store(m, true)
	for i, t := range m.tables {
		if spec := &m.obj.Tables[i]; spec.Public {
			publicTables.add(spec, t)
		}
	}
}

// Object is what the module was loaded from. It must not be changed.
func (m *Module) Object() *Object { return m.obj }

// Table returns a table by its name in the source. It belongs to the module.
func (m *Module) Table(name string) (*table.Raw, error) {
	for i := range m.tables {
		if m.tables[i].Name == name {
			return m.tables[i], nil
		}
	}
	return nil, fmt.Errorf("table %s: %w; the program has %s", name, table.ErrNotExist, m.tableNames())
}

// Tables returns all tables, sorted by name. They belong to the module.
func (m *Module) Tables() []*table.Raw { return slices.Clone(m.tables) }

func (m *Module) tableNames() string {
	names := make([]string, len(m.tables))
	for i, t := range m.tables {
		names[i] = t.Name
	}
	return list(names)
}

// Functions returns the names of all functions, sorted.
func (m *Module) Functions() []string {
	names := make([]string, len(m.obj.Functions))
	for i, f := range m.obj.Functions {
		names[i] = f.Name
	}
	return names
}

// Bytecode returns a function's instructions as they are sent to the kernel, 8 bytes each.
func (m *Module) Bytecode(function string) ([]byte, error) {
	f, err := m.function(function)
	if err != nil {
		return nil, err
	}
	code, release, err := m.code(f)
	if err != nil {
		return nil, err
	}
	release()
	return code, nil
}

func (m *Module) function(name string) (*Function, error) {
	f, ok := m.obj.Function(name)
	if !ok {
		return nil, fmt.Errorf("function %s: %w; the program has %s", name, ErrNoFunction, list(m.Functions()))
	}
	return f, nil
}

// adds p to what Close closes; os.ErrClosed where that has happened.
func (m *Module) addProgram(p *Program) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errClosed
	}
	m.programs = append(m.programs, p)
	return nil
}

func (m *Module) addLink(l *Link) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errClosed
	}
	m.links = append(m.links, l)
	return nil
}

func (m *Module) removeProgram(p *Program) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.programs = slices.DeleteFunc(m.programs, func(q *Program) bool { return p == q })
}

func (m *Module) removeLink(l *Link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.links = slices.DeleteFunc(m.links, func(k *Link) bool { return k == l })
}

// Links returns the links of all programs, in the order in which they were attached.
func (m *Module) Links() []*Link {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.links)
}

// Close detaches and closes everything that was made through the module: links, newest first, then programs, then tables.
// A second Close answers os.ErrClosed.
func (m *Module) Close() error {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return errClosed
	}
	m.closed = true
	links, programs := m.links, m.programs
	m.links, m.programs = nil, nil
	m.mu.Unlock()

	var errs []error
	for _, l := range slices.Backward(links) {
		errs = append(errs, ignoreClosed(l.Close()))
	}
	for _, p := range slices.Backward(programs) {
		errs = append(errs, ignoreClosed(p.Close()))
	}
	errs = append(errs, m.closeTables())
	if m.btf != nil {
		errs = append(errs, m.btf.Close())
	}
	open.Delete(m)
	return errors.Join(errs...)
}

func (m *Module) closeTables() error {
	var errs []error
	for i, t := range m.tables {
		if m.obj.Tables[i].Public {
			publicTables.remove(t)
		}
		errs = append(errs, ignoreClosed(t.Close()))
	}
	return errors.Join(errs...)
}

// ErrNoFunction means that the program has no function of that name.
var ErrNoFunction = errors.New("no such function")

var errClosed = fmt.Errorf("module: %w", os.ErrClosed)

// ignoreClosed is for closing what the caller may have closed already.
func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
