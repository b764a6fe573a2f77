package bcc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cilium/ebpf"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/internal/testutil"
)

func TestCompileCanceled(t *testing.T) {
	testutil.Libbcc(t)
	testutil.Headers(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := bcc.NewContext(ctx, "int f(void *ctx) { return 0; }", nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestCompileInParallel(t *testing.T) {
	testutil.Libbcc(t)
	testutil.Headers(t)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			source := strings.Replace("int f(void *ctx) { return 4N; }", "N", string(rune('0'+i)), 1)
			obj, err := bcc.Compile(context.Background(), source, nil)
			if err != nil {
				t.Error(err)
				return
			}
			// mov r0, 4N
			if code := obj.Functions[0].Code; code[4] != byte(40+i) {
				t.Errorf("%d: %v", i, code)
			}
		})
	}
	wg.Wait()
}

// Each debug flag prints what BCC's does, to DebugOutput, and nothing is printed without one.
func TestDebugFlags(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	for _, c := range []struct {
		flag  bcc.DebugFlags
		wants []string
	}{
		{0, nil},
		{bcc.DebugLLVMIR, []string{"define ", "@counts"}},
		{bcc.DebugBPF, []string{"processed "}},
		{bcc.DebugPreprocessor, []string{"clang -cc1", "bpf_pseudo_fd"}},
		{bcc.DebugSource, []string{"Disassembly of function f", "// Line", "call 2"}},
		{bcc.DebugBPFRegisterState, []string{"processed ", "R10=fp0"}},
		{bcc.DebugBTF, nil},
	} {
		var out bytes.Buffer
		b, err := bcc.New("BPF_HASH(counts, u32, u64);\nint f(void *ctx) { u32 k = 1; counts.increment(k); return 0; }",
			&bcc.Options{Debug: c.flag, DebugOutput: &out})
		if err != nil {
			t.Errorf("flag %#x: %v", c.flag, err)
			continue
		}
		if _, err := b.LoadFunc("f", ebpf.Kprobe, nil); err != nil {
			t.Errorf("flag %#x: %v", c.flag, err)
		}
		b.Close()
		for _, want := range c.wants {
			if !strings.Contains(out.String(), want) {
				t.Errorf("flag %#x: no %q in:\n%s", c.flag, want, out.String())
			}
		}
		if c.wants == nil && out.Len() > 0 {
			t.Errorf("flag %#x: %q", c.flag, out.String())
		}
	}
}

// DebugBTF tells why the kernel refuses type information; the program goes on without it.
func TestDebugBTF(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	obj, err := bcc.Compile(context.Background(), "BPF_HASH(counts, u32, u64);\nint f(void *ctx) { return 0; }", nil)
	if err != nil {
		t.Fatal(err)
	}
	broken := *obj
	broken.BTF = append([]byte(nil), obj.BTF...)
	for i := 24; i < 80; i++ {
		broken.BTF[i] = 0xff
	}
	var out bytes.Buffer
	b, err := bcc.NewFromObject(&broken, &bcc.Options{Debug: bcc.DebugBTF, DebugOutput: &out})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if !strings.Contains(out.String(), "refuses the type information") || !strings.Contains(out.String(), "hdr_len") {
		t.Errorf("printed %q", out.String())
	}
	if _, err := b.LoadFunc("f", ebpf.Kprobe, nil); err != nil {
		t.Error(err)
	}
}

// What libbcc prints of a source is not taken for messages.
func TestDebugOfLabels(t *testing.T) {
	testutil.Libbcc(t)
	testutil.Headers(t)
	var out bytes.Buffer
	_, err := bcc.Compile(context.Background(), "int f(void *ctx) {\n  if (ctx) goto error;\n  return 1;\nerror: return 0;\n}",
		&bcc.Options{Debug: bcc.DebugPreprocessor, DebugOutput: &out})
	if err != nil || !strings.Contains(out.String(), "error: return 0;") {
		t.Errorf("%v, %q", err, out.String())
	}
}

// A log that is longer than the kernel writes is no reason not to load.
func TestLongVerifierLog(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	var out bytes.Buffer
	b := mustNew(t, `
BPF_ARRAY(cells, u64, 8);
int f(void *ctx) {
	int k = 0;
	volatile u64 *v = cells.lookup(&k);
	if (!v) return 0;
	for (int i = 0; i < 4000; i++) {
		*v += 1; *v += 2; *v += 3; *v += 4; *v += 5; *v += 6; *v += 7; *v += 8; *v += 9; *v += 10; *v += 11; *v += 12;
		*v += 1; *v += 2; *v += 3; *v += 4; *v += 5; *v += 6; *v += 7; *v += 8; *v += 9; *v += 10; *v += 11; *v += 12;
	}
	return 0;
}`, &bcc.Options{Debug: bcc.DebugBPFRegisterState, DebugOutput: &out})
	if _, err := b.LoadFunc("f", ebpf.Kprobe, nil); err != nil {
		t.Fatalf("%v", err)
	}
	if out.Len() < 1<<20 {
		t.Errorf("%d bytes of log", out.Len())
	}
}

// The reason of a refusal is in the message, and what New returns prints the log with %+v.
func TestReasonOfRefusal(t *testing.T) {
	testutil.Root(t)
	testutil.Tracefs(t)
	testutil.Headers(t)
	_, err := bcc.New("TRACEPOINT_PROBE(sched, sched_switch) { for (int i = 0; ; i = 1 - i) if (i > 5) break; return 0; }", nil)
	if err == nil || !strings.Contains(err.Error(), "infinite loop detected") && !strings.Contains(err.Error(), "back-edge") {
		t.Errorf("%v", err)
	}
	if long := fmt.Sprintf("%+v", err); !strings.Contains(long, "verifier log:") {
		t.Errorf("%%+v prints %q", long)
	}
}

func TestWarnings(t *testing.T) {
	testutil.Libbcc(t)
	testutil.Headers(t)
	obj, err := bcc.Compile(context.Background(), "int f(void *ctx) {\n  int *p = 5;\n  return p == 0;\n}", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(obj.Warnings) != 1 || obj.Warnings[0].Line != 2 || obj.Warnings[0].Severity != "warning" {
		t.Errorf("%v", obj.Warnings)
	}
}
