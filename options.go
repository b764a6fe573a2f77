package bcc

import (
	"io"
	"os"

	"github.com/gobcc/bcc/module"
)

// Names of package module under which most programs need no other import.
type (
	Object        = module.Object
	Program       = module.Program
	Link          = module.Link
	ProgType      = module.ProgType
	AttachType    = module.AttachType
	DebugFlags    = module.DebugFlags
	LoadOptions   = module.ProgramOptions
	KprobeOptions = module.KprobeOptions
	UprobeOptions = module.UprobeOptions
	CompileError  = module.CompileError
	LoadError     = module.LoadError
	AttachError   = module.AttachError
	Diagnostic    = module.Diagnostic
)

// Debug flags, with BCC's names and values.
const (
	DebugLLVMIR           = module.DebugLLVMIR
	DebugBPF              = module.DebugBPF
	DebugPreprocessor     = module.DebugPreprocessor
	DebugSource           = module.DebugSource
	DebugBPFRegisterState = module.DebugBPFRegisterState
	DebugBTF              = module.DebugBTF
)

// Options say how a program is compiled and loaded. Nil and every zero value mean the default.
type Options struct {
	// CFlags are added to libbcc's own compiler flags, one flag an element, as the compiler takes them: no shell removes
	// quotes or splits at spaces.
	CFlags []string
	// Headers says which kernel headers the program is compiled with. Default: HeadersAuto.
	Headers Headers
	// Debug asks for output while the program is compiled and loaded. Default: none.
	Debug DebugFlags
	// DebugOutput is where that output goes. Default: os.Stderr.
	DebugOutput io.Writer
	// Device is the network device whose hardware the tables and programs are for. Default: the kernel runs them.
	Device string
	// KeepMemlock keeps RLIMIT_MEMLOCK as it is, where kernels before 5.11 need it raised.
	//
	// Python: BPF(allow_rlimit=False)
	KeepMemlock bool
	// NoAutoAttach leaves functions alone whose names say where they belong.
	NoAutoAttach bool
}

func (o *Options) orDefault() *Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.DebugOutput == nil {
		c.DebugOutput = os.Stderr
	}
	return &c
}

func (o *Options) load() *module.LoadOptions {
	return &module.LoadOptions{KeepMemlock: o.KeepMemlock, Device: o.Device, Debug: o.Debug, DebugOutput: o.DebugOutput}
}
