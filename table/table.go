package table

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Table is a table with Go types for its keys and values. Everything of [Raw] works on it as well, with bytes.
type Table[K, V any] struct{ *Raw }

// New checks that keys and values of the table have the sizes of K and V. Both must be of a fixed size and without
// pointers: numbers of a fixed width, arrays and structs of these, laid out as C lays them out.
//
// Python: BPF.get_table
func New[K, V any](t *Raw) (*Table[K, V], error) {
	if t.KeySize() == 0 {
		return nil, fmt.Errorf("table %s (%s) has no keys", t.Name, t.Type())
	}
	if err := fits[K](t, "key", t.KeySize()); err != nil {
		return nil, err
	}
	if t.PerCPU() {
		return nil, fmt.Errorf("table %s has a value for each CPU: one %s cannot hold them", t.Name, reflect.TypeFor[V]())
	}
	if err := fits[V](t, "value", t.ValueSize()); err != nil {
		return nil, err
	}
	return &Table[K, V]{t}, nil
}

func fits[T any](t *Raw, what string, size int) error {
	typ := reflect.TypeFor[T]()
	if bad := notFixed(typ); bad != "" {
		return fmt.Errorf("table %s: %s type %s: %s", t.Name, what, typ, bad)
	}
	if int(typ.Size()) != size {
		return fmt.Errorf("table %s: %s type %s has %d bytes, the table's %s has %d", t.Name, what, typ, typ.Size(), what, size)
	}
	return nil
}

// notFixed says why values of a type cannot be the kernel's memory, "" where they can.
func notFixed(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Uint, reflect.Uintptr:
		return fmt.Sprintf("%s has no fixed size: use a type such as uint32 or int64", t)
	case reflect.Bool:
		return "C's memory may hold more than Go's bool can: use uint8"
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Float32, reflect.Float64:
		return ""
	case reflect.Array:
		return notFixed(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if bad := notFixed(t.Field(i).Type); bad != "" {
				return fmt.Sprintf("field %s: %s", t.Field(i).Name, bad)
			}
		}
		return ""
	}
	return fmt.Sprintf("%s is not plain memory: use numbers of a fixed size, arrays and structs", t)
}

// Get returns the value of a key; [ErrNotExist] where it is not there.
func (t *Table[K, V]) Get(k K) (V, error) {
	var v V
	err := t.lookup(unsafe.Pointer(&k), unsafe.Pointer(&v))
	return v, err
}

// Set writes the value of a key, new or not.
func (t *Table[K, V]) Set(k K, v V) error { return t.Update(k, v, UpdateAny) }

// Update is Set with flags.
func (t *Table[K, V]) Update(k K, v V, f UpdateFlags) error {
	return t.update(unsafe.Pointer(&k), unsafe.Pointer(&v), f)
}

// Delete removes a key; [ErrNotExist] where it is not there.
func (t *Table[K, V]) Delete(k K) error { return t.delete(unsafe.Pointer(&k)) }

// Iterate walks the table.
func (t *Table[K, V]) Iterate() *Iter[K, V] {
	return &Iter[K, V]{walk: func(yield func(K, V) bool) error {
		return t.walk(func(k, v []byte) bool {
			return yield(*(*K)(unsafe.Pointer(unsafe.SliceData(k))), *(*V)(unsafe.Pointer(unsafe.SliceData(v))))
		})
	}}
}
