package module

import (
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/table"
)

// publicTables are the tables that open modules share with others in this process.
var publicTables registry

type registry struct {
	mu     sync.Mutex
	tables []publicTable // in the order of loading: of two with one name the first counts, as in libbcc
}

type publicTable struct {
	spec *Table
	raw  *table.Raw
}

// PublicTables returns the tables that open modules share, declared with BPF_TABLE_PUBLIC or BPF_TABLE_SHARED, for
// compiling a source that names them extern.
func PublicTables() []Table {
	publicTables.mu.Lock()
	defer publicTables.mu.Unlock()
	specs := make([]Table, len(publicTables.tables))
	for i, t := range publicTables.tables {
		specs[i] = *t.spec
	}
	return specs
}

func (r *registry) add(spec *Table, raw *table.Raw) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tables = append(r.tables, publicTable{spec, raw})
}

func (r *registry) remove(raw *table.Raw) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tables = slices.DeleteFunc(r.tables, func(t publicTable) bool { return t.raw == raw })
}

// open returns a new descriptor for the public table that an extern one names.
func (r *registry) open(t *Table) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.tables {
		if p.spec.Name != t.Name {
			continue
		}
		if p.raw.Type() != t.Type || p.raw.KeySize() != int(t.KeySize) || p.raw.ValueSize() != int(t.ValueSize) {
			return -1, fmt.Errorf("load table %s: the public table of that name is %s with keys of %d and values of %d bytes, expected %s, %d and %d",
				t.Name, p.raw.Type(), p.raw.KeySize(), p.raw.ValueSize(), t.Type, t.KeySize, t.ValueSize)
		}
		held, done, ok := p.raw.Hold()
		if !ok {
			continue // its owner has closed it
		}
		fd, err := unix.FcntlInt(uintptr(held), unix.F_DUPFD_CLOEXEC, 3)
		done()
		if err != nil {
			return -1, fmt.Errorf("load table %s: %w", t.Name, err)
		}
		return fd, nil
	}
	return -1, fmt.Errorf("load table %s: it is declared extern, and no open module of this process has a public table of that name", t.Name)
}
