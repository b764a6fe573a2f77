package libbcc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The Go half of wire.h; the comments are there.
const (
	wireVersion  = 1
	magicRequest = "gobccREQ"
	magicReply   = "gobccREP"
	maxPayload   = 1 << 30
	headerSize   = 24
	fieldSize    = 8
)

const (
	opCompile uint32 = 1
	opResolve uint32 = 2
)

const (
	reqSource uint32 = iota + 1
	reqPublic
	reqCFlag
	reqDebug
	reqDevice
	reqLibrary
	reqSymbol
)

const (
	repError uint32 = iota + 1
	repLibrary
	repFailed
	repLicense
	repKernel
	repPhase
	repMap
	repBTF
	repPin
	repTable
	repName
	repKey
	repLeaf
	repEvent
	repFunction
	repCode
	repFuncInfo
	repLineInfo
	repOffset
	repNoLibrary
)

var errGarbage = errors.New("the reply is garbage")

var order = binary.NativeEndian

// message builds a request.
type message struct{ payload []byte }

func (m *message) add(tag uint32, value string) {
	m.payload = order.AppendUint32(m.payload, tag)
	m.payload = order.AppendUint32(m.payload, uint32(len(value)))
	m.payload = append(m.payload, value...)
}

func (m *message) addIf(tag uint32, value string) {
	if value != "" {
		m.add(tag, value)
	}
}

func (m *message) bytes(op uint32) []byte {
	b := make([]byte, 0, headerSize+len(m.payload))
	b = append(b, magicRequest...)
	b = order.AppendUint32(b, wireVersion)
	b = order.AppendUint32(b, op)
	b = order.AppendUint64(b, uint64(len(m.payload)))
	return append(b, m.payload...)
}

// readReply reads one reply. It takes memory only for what arrives, not for what the header announces.
func readReply(r io.Reader) ([]byte, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, err
	}
	length := order.Uint64(h[16:])
	if string(h[:8]) != magicReply || order.Uint32(h[8:]) != wireVersion || length > maxPayload {
		return nil, errGarbage
	}
	payload, err := io.ReadAll(io.LimitReader(r, int64(length)))
	if err != nil {
		return nil, err
	}
	if uint64(len(payload)) != length {
		return nil, io.ErrUnexpectedEOF
	}
	return payload, nil
}

// fields calls f for each field of a payload.
func fields(payload []byte, f func(tag uint32, value []byte) error) error {
	for len(payload) > 0 {
		if len(payload) < fieldSize {
			return fmt.Errorf("%w: %d bytes after the last field", errGarbage, len(payload))
		}
		tag, length := order.Uint32(payload), order.Uint32(payload[4:])
		payload = payload[fieldSize:]
		if uint64(length) > uint64(len(payload)) {
			return fmt.Errorf("%w: field %d is cut short", errGarbage, tag)
		}
		if err := f(tag, payload[:length]); err != nil {
			return err
		}
		payload = payload[length:]
	}
	return nil
}
