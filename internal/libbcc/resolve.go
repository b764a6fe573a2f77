package libbcc

import (
	"context"
	"errors"
)

// Resolve returns the address of the code of a library's symbol, as the library's file has it. For an IFUNC that is the implementation that the library's own code chooses for this processor: it runs, in a child.
func Resolve(ctx context.Context, library, symbol string) (uint64, error) {
	var m message
	m.add(reqLibrary, library)
	m.add(reqSymbol, symbol)
	out, err := run(ctx, m.bytes(opResolve), nil)
	if err != nil {
		return 0, err
	}
	var offset uint64
	var failed error
	err = fields(out.reply, func(tag uint32, v []byte) error {
		switch {
		case tag == repOffset && len(v) == 8:
			offset = order.Uint64(v)
		case tag == repError:
			failed = errors.New(string(v))
		default:
			return errGarbage
		}
		return nil
	})
	return offset, errors.Join(err, failed)
}
