package module

// DebugFlags ask for output while a program is compiled and loaded. Names and values are BCC's.
type DebugFlags uint32

const (
	DebugLLVMIR           DebugFlags = 0x1  // the LLVM intermediate representation
	DebugBPF              DebugFlags = 0x2  // what the verifier says of each program
	DebugPreprocessor     DebugFlags = 0x4  // the compiler's command line and the rewritten source
	DebugSource           DebugFlags = 0x8  // the instructions with their source lines
	DebugBPFRegisterState DebugFlags = 0x10 // the state of all registers at every instruction, besides DebugBPF
	DebugBTF              DebugFlags = 0x20 // messages about type information
)
