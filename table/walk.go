package table

import (
	"errors"
	"iter"
	"unsafe"
)

// walk calls f with each key and value, in buffers that it uses again, until f answers false. It ends whatever happens to
// the table meanwhile: a key that is deleted under it makes the kernel start again from the first one, so it counts its
// steps.
func (t *Raw) walk(f func(key, value []byte) bool) error {
	key, next := make([]byte, t.KeySize()), make([]byte, t.KeySize())
	value := make([]byte, t.valueBuf)
	at := unsafe.Pointer(nil)
	err := t.next(at, pointer(key))
	for steps := 0; err == nil && steps < t.MaxEntries(); steps++ {
		at = pointer(key)
		found := t.lookup(at, pointer(value))
		// The next key first: f may delete this one.
		err = t.next(at, pointer(next))
		switch {
		case errors.Is(found, ErrNotExist): // deleted since
		case found != nil:
			return found
		case !f(key, value):
			return nil
		}
		key, next = next, key
	}
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	return err
}

// Iter is a walk over a table. Range over All, then look at Err.
type Iter[K, V any] struct {
	walk func(yield func(K, V) bool) error
	err  error
}

// All walks the table. Entries that come and go meanwhile may be seen or not. The loop may delete the entry it is at. Where
// somebody else deletes it, the kernel starts again from the first: then entries may be seen twice, and others not at all.
func (it *Iter[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { it.err = it.walk(yield) }
}

// Err is why the last walk ended early, nil where it did not.
func (it *Iter[K, V]) Err() error { return it.err }

// Iterate walks the table; keys and values are copies.
//
// Python: TableBase.items
func (t *Raw) Iterate() *Iter[[]byte, []byte] {
	return &Iter[[]byte, []byte]{walk: func(yield func(k, v []byte) bool) error {
		return t.walk(func(k, v []byte) bool {
			return yield(append([]byte(nil), k...), append([]byte(nil), v...))
		})
	}}
}
