package libbcc_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/gobcc/bcc/internal/headers"
	"github.com/gobcc/bcc/internal/testutil"
)

// uses names what the programs of these tests use of the kernel.
const uses = "TRACEPOINT_PROBE(sched, sched_switch) { u8 a; u16 b; u32 c; u64 d; s8 e; s16 f; s32 g; s64 h; return args->prev_pid; }"

func TestMain(m *testing.M) {
	testutil.Main(m, kernelHeaders())
}

// kernelHeaders makes headers for these tests, which compile past package bcc that does it otherwise, in a folder that other
// users can read; where there are none. It returns what removes them.
func kernelHeaders() func() {
	if os.Getenv("BCC_KERNEL_SOURCE") != "" {
		return func() {}
	}
	dir, err := os.MkdirTemp("", "gobcc-test-headers-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err == nil {
		_, err = headers.Generate(dir, &headers.Request{Source: uses})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "no kernel headers:", err) // tests that need them skip, or find the installed ones
	} else {
		os.Setenv("BCC_KERNEL_SOURCE", dir)
	}
	return func() { os.RemoveAll(dir) }
}
