package bcc

import (
	"errors"
	"strings"

	"github.com/cilium/ebpf"
)

// AttachTracepoint runs a function whenever the kernel passes a tracepoint, "category:event".
//
// The error is an [*AttachError] that names near tracepoints, or a [*LoadError].
//
// Python: BPF.attach_tracepoint
func (b *BPF) AttachTracepoint(tp, function string) (*Link, error) {
	category, event, ok := strings.Cut(tp, ":")
	if !ok {
		return nil, &AttachError{Op: "tracepoint", Target: tp, Function: function,
			Err: errors.New("expected category:event, such as sched:sched_switch")}
	}
	p, err := b.LoadFunc(function, ebpf.TracePoint, nil)
	if err != nil {
		return nil, err
	}
	return p.AttachTracepoint(category, event)
}

// AttachRawTracepoint runs a function whenever the kernel passes a tracepoint, with the kernel's own arguments. Needs
// kernel 4.17.
//
// The error is an [*AttachError] that names near tracepoints, or a [*LoadError].
//
// Python: BPF.attach_raw_tracepoint
func (b *BPF) AttachRawTracepoint(tp, function string) (*Link, error) {
	p, err := b.LoadFunc(function, ebpf.RawTracepoint, nil)
	if err != nil {
		return nil, err
	}
	return p.AttachRawTracepoint(tp)
}

// AttachKprobe runs a function whenever a kernel function is entered.
//
// The error is an [*AttachError] or a [*LoadError].
//
// Python: BPF.attach_kprobe
func (b *BPF) AttachKprobe(event, function string, o *KprobeOptions) (*Link, error) {
	p, err := b.LoadFunc(function, ebpf.Kprobe, nil)
	if err != nil {
		return nil, err
	}
	return p.AttachKprobe(event, o)
}

// AttachKretprobe runs a function whenever a kernel function returns.
//
// The error is an [*AttachError] or a [*LoadError].
//
// Python: BPF.attach_kretprobe
func (b *BPF) AttachKretprobe(event, function string, o *KprobeOptions) (*Link, error) {
	p, err := b.LoadFunc(function, ebpf.Kprobe, nil)
	if err != nil {
		return nil, err
	}
	return p.AttachKretprobe(event, o)
}

// AttachUprobe runs a function whenever a function of a program or library is entered: a path, or a library's short name
// such as "c". A symbol of several implementations (an IFUNC, such as strlen) stands for the one that runs.
//
// The error is an [*AttachError] that names near symbols, or a [*LoadError].
//
// Python: BPF.attach_uprobe
func (b *BPF) AttachUprobe(binary, symbol, function string, o *UprobeOptions) (*Link, error) {
	p, err := b.LoadFunc(function, ebpf.Kprobe, nil)
	if err != nil {
		return nil, err
	}
	return p.AttachUprobe(binary, symbol, o)
}

// AttachUretprobe runs a function whenever a function of a program or library returns; otherwise as [BPF.AttachUprobe].
//
// Python: BPF.attach_uretprobe
func (b *BPF) AttachUretprobe(binary, symbol, function string, o *UprobeOptions) (*Link, error) {
	p, err := b.LoadFunc(function, ebpf.Kprobe, nil)
	if err != nil {
		return nil, err
	}
	return p.AttachUretprobe(binary, symbol, o)
}
