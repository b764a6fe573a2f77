package bcc_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/internal/testutil"
	"github.com/gobcc/bcc/module"
	"github.com/gobcc/bcc/table"
)

// diagnosticOf finds the first error of a CompileError.
func diagnosticOf(t *testing.T, err error) bcc.Diagnostic {
	t.Helper()
	var compile *bcc.CompileError
	if !errors.As(err, &compile) {
		t.Fatalf("expected a CompileError, found %T: %v", err, err)
	}
	for _, d := range compile.Diagnostics {
		if d.Severity == module.SeverityError {
			return d
		}
	}
	t.Fatalf("no diagnostics in %q", compile.Output)
	return bcc.Diagnostic{}
}

func TestSyntaxErrors(t *testing.T) {
	testutil.Libbcc(t)
	testutil.Headers(t)
	for _, c := range []struct {
		name, source string
		line         int
		message      string
		tracefs      bool
	}{
		{"line 7", "\n\n\n\n\nint f(void *ctx) {\n  return 0 +;\n}\n", 7, "expected expression", false},
		{"after a tracepoint", "TRACEPOINT_PROBE(sched, sched_switch) {\n  return 0;\n}\n\n\nint f(void *ctx) {\n  return nope;\n}\n", 7,
			"undeclared identifier 'nope'", true},
		{"in the second tracepoint", "TRACEPOINT_PROBE(sched, sched_switch) {\n  return 0;\n}\n\nTRACEPOINT_PROBE(sched, sched_wakeup) {\n\n  return args->nope;\n}\n", 7,
			"no member named 'nope'", true},
		{"unknown function", "int f(void *ctx) {\n  no_such_function(1);\n  return 0;\n}\n", 2, "implicit declaration of function 'no_such_function'", false},
		{"missing header", "\n#include \"no_such_header.h\"\n", 2, "'no_such_header.h' file not found", false},
		{"unknown method", "BPF_HASH(h);\nint f(void *ctx) { u64 k = 0; h.nope(k); return 0; }", 2, "no member named 'nope'", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.tracefs {
				testutil.Root(t)
				testutil.Tracefs(t)
			}
			_, err := bcc.Compile(context.Background(), c.source, nil)
			d := diagnosticOf(t, err)
			if d.File != "<text>" || d.Line != c.line || d.Column == 0 || !strings.Contains(d.Message, c.message) {
				t.Errorf("found %v, expected line %d: %s", d, c.line, c.message)
			}
			if want := fmt.Sprintf("<text>:%d:", c.line); !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %s: %v", want, err)
			}
		})
	}
}

// The hint says what clang does not know.
func TestCompileHints(t *testing.T) {
	testutil.Root(t)
	testutil.Tracefs(t)
	testutil.Headers(t)
	if bcc.TracepointExists("sched", "sched_swich") || !bcc.TracepointExists("sched", "sched_switch") {
		t.Error("TracepointExists is wrong")
	}
	_, err := bcc.Compile(context.Background(), "TRACEPOINT_PROBE(sched, sched_swich) { return args->prev_pid; }", nil)
	var compile *bcc.CompileError
	if !errors.As(err, &compile) || !strings.Contains(compile.Hint, `tracepoint "sched:sched_swich" does not exist; similar: sched:sched_switch`) {
		t.Errorf("a tracepoint that does not exist: %v", err)
	}
	t.Setenv("BCC_KERNEL_SOURCE", t.TempDir())
	_, err = bcc.Compile(context.Background(), "int f(void *ctx) { return 0; }", nil)
	if !errors.As(err, &compile) || !strings.Contains(err.Error(), "no kernel headers there") || !strings.Contains(compile.Headers, "BCC_KERNEL_SOURCE") {
		t.Errorf("without headers: %v", err)
	}
}

func TestFileNameInErrors(t *testing.T) {
	testutil.Libbcc(t)
	testutil.Headers(t)
	path := filepath.Join(t.TempDir(), "broken.c")
	os.WriteFile(path, []byte("int f(void *ctx) { return x; }"), 0o600)
	_, err := bcc.NewFromFile(path, nil)
	if d := diagnosticOf(t, err); d.File != path || d.Line != 1 {
		t.Errorf("found %v, expected %s:1", d, path)
	}
}

func TestRefusedInput(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		flags  []string
		want   string
	}{
		"empty text":           {"", nil, "empty"},
		"blank text":           {" \n\t", nil, "empty"},
		"10 MB":                {strings.Repeat("/* ten */\n", 1_000_000), nil, "10000000 bytes"},
		"NUL byte":             {"int f(void *ctx) {\n\x00return 0; }", nil, "NUL byte in line 2"},
		"empty flag":           {"int x;", []string{""}, "empty"},
		"several flags in one": {"int x;", []string{"-DA=1 -DB=2"}, "several flags"},
		"a flag in quotes":     {"int x;", []string{`"-DA=1"`}, "quote"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bcc.New(c.source, &bcc.Options{CFlags: c.flags})
			var compile *bcc.CompileError
			if !errors.As(err, &compile) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%T %v, expected a CompileError that says %q", err, err, c.want)
			}
			if len(fmt.Sprint(err)) > 300 {
				t.Errorf("the error has %d bytes", len(fmt.Sprint(err)))
			}
		})
	}
	if _, err := bcc.NewFromFile("", nil); err == nil {
		t.Error("no file name was taken")
	}
	if _, err := bcc.NewFromFile("no-such-file.c", nil); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "beside the executable") {
		t.Errorf("a file that does not exist: %v", err)
	}
}

// What looks odd and is right: quotes inside of a flag reach the compiler.
func TestFlagsReachTheCompiler(t *testing.T) {
	testutil.Libbcc(t)
	testutil.Headers(t)
	obj, err := bcc.Compile(context.Background(), `int f(void *ctx) { bpf_trace_printk(TEXT); return NUMBER; }`,
		&bcc.Options{CFlags: []string{`-DTEXT="a b"`, "-D", "NUMBER=3"}})
	if err != nil || len(obj.Functions) != 1 {
		t.Errorf("%v, %v", obj, err)
	}
}

func TestVerifierRefuses(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	b := mustNew(t, "int f(void *ctx) { return *(int *)0x10; }\nint g(void *ctx) { return 0; }", nil)
	_, err := b.LoadFunc("f", ebpf.Kprobe, nil)
	var load *bcc.LoadError
	if !errors.As(err, &load) || !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EINVAL) {
		t.Fatalf("%T %v", err, err)
	}
	if !strings.Contains(load.Log, "invalid mem access") || !strings.Contains(err.Error(), "invalid mem access") {
		t.Errorf("the reason is missing: %v", err)
	}
	if long := fmt.Sprintf("%+v", err); !strings.Contains(long, "verifier log:") || strings.Count(long, "\n") < 3 {
		t.Errorf("%%+v prints %q", long)
	}
	if strings.Contains(fmt.Sprintf("%v", err), "\n") {
		t.Errorf("%%v has more than one line: %v", err)
	}
	if _, err := b.LoadFunc("g", ebpf.Kprobe, nil); err != nil {
		t.Errorf("the program is of no use after that: %v", err)
	}
}

func TestWrongNames(t *testing.T) {
	testutil.Root(t)
	testutil.Tracefs(t)
	testutil.Headers(t)
	b := mustNew(t, "BPF_HASH(counts);\nint f(void *ctx) { return 0; }", nil)
	_, noFunction := b.LoadFunc("g", ebpf.Kprobe, nil)
	_, noTable := b.Table("count")
	_, noTracepoint := b.AttachTracepoint("sched:sched_swich", "f")
	_, noColon := b.AttachTracepoint("sched_switch", "f")
	_, noRaw := b.AttachRawTracepoint("sched_swich", "f")
	_, noSymbol := b.AttachUprobe("c", "mallok", "f", nil)
	_, noLibrary := b.AttachUprobe("no_such_library", "malloc", "f", nil)
	_, noFile := b.AttachUprobe("/no/such/file", "main", "f", nil)
	_, noELF := b.AttachUprobe("/etc/passwd", "main", "f", nil)
	_, noPlace := b.AttachUprobe("c", "", "f", nil)
	_, inside := b.AttachUretprobe("c", "malloc", "f", &bcc.UprobeOptions{Offset: 1})
	_, relative := b.AttachUprobe("./program", "main", "f", &bcc.UprobeOptions{PID: os.Getpid()})
	_, noImplementation := b.AttachUprobe("c", "time", "f", nil)
	_, nothing := bcc.NewFromObject(nil, nil)
	_, outside := b.AttachUprobe("c", "", "f", &bcc.UprobeOptions{Address: 1 << 40})
	for _, c := range []struct {
		err   error
		is    error
		wants string
	}{
		{noFunction, module.ErrNoFunction, "the program has f"},
		{noTable, table.ErrNotExist, "the program has counts"},
		{noTracepoint, os.ErrNotExist, "did you mean sched:sched_switch"},
		{noColon, nil, "expected category:event"},
		{noRaw, os.ErrNotExist, "did you mean sched_switch"},
		{noSymbol, module.ErrNoSymbol, "did you mean malloc"},
		{noLibrary, module.ErrNoLibrary, "give its path"},
		{noFile, os.ErrNotExist, "/no/such/file"},
		{noELF, nil, "not an ELF file"},
		{noPlace, nil, "expected a symbol or an address"},
		{outside, nil, "is not in the code"},
		{inside, nil, "a return probe has no offset"},
		{relative, nil, "expected an absolute path"},
		{nothing, nil, "there is none"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.wants) || c.is != nil && !errors.Is(c.err, c.is) {
			t.Errorf("%v; expected %q", c.err, c.wants)
		}
	}
	// On x86-64 the implementation of time(2) is the kernel's, in a file that does not exist.
	if noImplementation != nil && !strings.Contains(noImplementation.Error(), "in another file") {
		t.Errorf("a function of the vDSO: %v", noImplementation)
	}
	for _, l := range b.Links() {
		l.Close()
	}
	if len(b.Links()) != 0 {
		t.Errorf("links: %v", b.Links())
	}
}

func TestNoKprobes(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	if _, err := os.Stat("/sys/bus/event_source/devices/kprobe"); err == nil {
		t.Skip("this kernel has kprobes")
	}
	_, err := bcc.New("int kprobe__vfs_read(void *ctx) { return 0; }", nil)
	var attach *bcc.AttachError
	if !errors.As(err, &attach) || !errors.Is(err, module.ErrNoKprobes) || !strings.Contains(err.Error(), "CONFIG_KPROBES") {
		t.Errorf("%T %v", err, err)
	}
}

func TestAfterClose(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	b := mustNew(t, countProbes, nil)
	p, err := b.LoadFunc("entered", ebpf.Kprobe, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := b.Table("counts")
	typed, _ := bcc.TableOf[uint32, uint64](b, "counts")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	calls := map[string]func() error{
		"Close":         b.Close,
		"LoadFunc":      func() error { _, err := b.LoadFunc("entered", ebpf.Kprobe, nil); return err },
		"LoadFuncs":     func() error { _, err := b.LoadFuncs(ebpf.Kprobe); return err },
		"DumpFunc":      func() error { _, err := b.DumpFunc("entered"); return err },
		"AttachUprobe":  func() error { _, err := b.AttachUprobe("c", "malloc", "entered", nil); return err },
		"TraceReadLine": func() error { _, err := b.TraceReadLine(ctx); return err },
		"TraceFields":   func() error { _, err := b.TraceFields(ctx); return err },
		"TracePrint":    func() error { return b.TracePrint(ctx, io.Discard, nil) },
		"Module.Close":  b.Module().Close,
		"Program.Close": p.Close,
		"Program.Tag":   func() error { _, err := p.Tag(); return err },
		"Program.Pin":   func() error { return p.Pin("/sys/fs/bpf/never") },
		"Attach":        func() error { _, err := p.AttachUprobe("c", "malloc", nil); return err },
		"Raw.Get":       func() error { _, err := raw.Get(make([]byte, 4)); return err },
		"Raw.Set":       func() error { return raw.Set(make([]byte, 4), make([]byte, 8)) },
		"Raw.Delete":    func() error { return raw.Delete(make([]byte, 4)) },
		"Raw.Clone":     func() error { _, err := raw.Clone(); return err },
		"Raw.Pin":       func() error { return raw.Pin("/sys/fs/bpf/never") },
		"Raw.Close":     raw.Close,
		"Table.Get":     func() error { _, err := typed.Get(1); return err },
		"Table.Set":     func() error { return typed.Set(1, 1) },
		"Iterate": func() error {
			it := typed.Iterate()
			for range it.All() {
				t.Error("an entry of a closed table")
			}
			return it.Err()
		},
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

// Without privileges the error names the capability that is missing.
func TestWithoutPrivileges(t *testing.T) {
	if os.Getenv("GOBCC_TEST_UNPRIVILEGED") != "" {
		_, err := bcc.New("BPF_HASH(counts, u32, u64);\nint f(void *ctx) { return 0; }", nil)
		fmt.Println("error:", err)
		return
	}
	testutil.Root(t)
	testutil.Headers(t)
	if b, err := os.ReadFile("/proc/sys/kernel/unprivileged_bpf_disabled"); err != nil || strings.TrimSpace(string(b)) == "0" {
		t.Skip("this kernel lets everyone make tables")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run", "^TestWithoutPrivileges$", "-test.v")
	cmd.Env = append(os.Environ(), "GOBCC_TEST_UNPRIVILEGED=1")
	testutil.AsUser(cmd)
	out, _ := cmd.CombinedOutput()
	if !regexp.MustCompile(`error: load table counts .*operation not permitted.*lacks CAP_BPF`).Match(out) {
		t.Errorf("%s", out)
	}
}

// A process that is killed leaves no probe and no program behind.
func TestKilledProcessLeavesNothing(t *testing.T) {
	if os.Getenv("GOBCC_TEST_KILLED") != "" {
		b, err := bcc.New(countByProcess+"TRACEPOINT_PROBE(syscalls, sys_enter_getpgid) { hit(); return 0; }\nint u(void *ctx) { return 0; }", nil)
		if err != nil {
			fmt.Println("error", err)
			return
		}
		if _, err := b.AttachUprobe("c", "getenv", "u", nil); err != nil {
			fmt.Println("error", err)
			return
		}
		for _, l := range b.Links() {
			fmt.Println("program", programID(t, l.Program()))
		}
		fmt.Println("end")
		select {}
	}
	testutil.Root(t)
	testutil.Tracefs(t)
	testutil.Headers(t)
	cmd := exec.Command("/proc/self/exe", "-test.run", "^TestKilledProcessLeavesNothing$", "-test.v")
	cmd.Env = append(os.Environ(), "GOBCC_TEST_KILLED=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []ebpf.ProgramID
	for lines := bufio.NewScanner(stdout); lines.Scan() && lines.Text() != "end"; {
		var id ebpf.ProgramID
		if n, _ := fmt.Sscanf(lines.Text(), "program %d", &id); n == 1 {
			ids = append(ids, id)
		} else if strings.HasPrefix(lines.Text(), "error") {
			t.Error(lines.Text())
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if len(ids) != 2 {
		t.Fatalf("programs %v, expected two", ids)
	}
	for _, id := range ids {
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			p, err := ebpf.NewProgramFromID(id)
			if errors.Is(err, os.ErrNotExist) {
				break
			}
			if err == nil {
				p.Close()
			}
			if time.Now().After(deadline) {
				t.Errorf("program %d is still there: %v", id, err)
				break
			}
		}
	}
}
