package libbcc

import (
	"context"
	"errors"
	"slices"
	"strings"
)

var errNUL = errors.New("a NUL byte in the source text, a compiler flag or the device's name: to libbcc they would end there")

// Request is a source text and how to compile it.
type Request struct {
	Source string
	Public string   // C text that declares public tables of other objects; compiled before Source
	CFlags []string // added to libbcc's own
	Debug  uint32   // BCC's debug flags
	Device string   // network device to offload to
	Env    []string // added to this process's environment, "NAME=value"
}

// Compile compiles in a child. A source that libbcc refuses is a Result with Failed set.
//
// The error is a [*ChildError], matches [ErrNoCompiler] or [ErrNoLibrary], or says what the child could not do.
func Compile(ctx context.Context, req *Request) (*Result, error) {
	if slices.ContainsFunc(slices.Concat([]string{req.Public, req.Source, req.Device}, req.CFlags), hasNUL) {
		return nil, errNUL
	}
	var m message
	m.addIf(reqPublic, req.Public)
	m.add(reqSource, req.Source)
	for _, f := range req.CFlags {
		m.add(reqCFlag, f)
	}
	m.add(reqDebug, string(order.AppendUint32(nil, req.Debug)))
	m.addIf(reqDevice, req.Device)
	out, err := run(ctx, m.bytes(opCompile), req.Env)
	if err != nil {
		return nil, err
	}
	r, err := decodeResult(out.reply)
	if r == nil {
		return nil, &ChildError{Err: err, Output: out.stderr}
	}
	r.Stdout, r.Stderr = out.stdout, out.stderr
	return r, err
}

func hasNUL(s string) bool { return strings.Contains(s, "\x00") }
