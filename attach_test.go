package bcc_test

import (
	"errors"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/internal/testutil"
	"github.com/gobcc/bcc/table"
)

func mustNew(t *testing.T, source string, o *bcc.Options) *bcc.BPF {
	t.Helper()
	b, err := bcc.New(source, o)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return b
}

// count reads a counter of a BPF_HASH(counts, u32, u64); 0 where it is not there.
func count(t *testing.T, b *bcc.BPF, key uint32) uint64 {
	t.Helper()
	counts, err := bcc.TableOf[uint32, uint64](b, "counts")
	if err != nil {
		t.Fatal(err)
	}
	n, err := counts.Get(key)
	if err != nil && !errors.Is(err, table.ErrNotExist) {
		t.Fatal(err)
	}
	return n
}

// callGetpgid makes a system call that nothing else here makes; with a process named, so that the security hook is asked.
func callGetpgid(times int) {
	for range times {
		unix.Getpgid(os.Getpid())
	}
}

const countByProcess = `
BPF_HASH(counts, u32, u64);
static void hit() { u32 pid = bpf_get_current_pid_tgid() >> 32; counts.increment(pid); }
`

func TestTracepoint(t *testing.T) {
	testutil.Root(t)
	testutil.Tracefs(t)
	testutil.Headers(t)
	self := uint32(os.Getpid())
	b := mustNew(t, countByProcess+`
TRACEPOINT_PROBE(syscalls, sys_enter_getpgid) { hit(); return 0; }
int by_hand(struct pt_regs *ctx) { hit(); return 0; }`, nil)
	if links := b.Links(); len(links) != 1 || links[0].Kind() != "tracepoint" || links[0].Target() != "syscalls:sys_enter_getpgid" {
		t.Fatalf("links: %v", links)
	}
	callGetpgid(50)
	if n := count(t, b, self); n != 50 {
		t.Errorf("%d calls counted, expected 50", n)
	}
	l, err := b.AttachTracepoint("syscalls:sys_exit_getpgid", "by_hand")
	if err != nil {
		t.Fatal(err)
	}
	callGetpgid(50)
	if n := count(t, b, self); n != 150 {
		t.Errorf("%d calls counted with a second tracepoint, expected 150", n)
	}
	for _, l := range append(b.Links(), l) {
		l.Close()
	}
	callGetpgid(50)
	if n := count(t, b, self); n != 150 {
		t.Errorf("%d calls counted after all was detached, expected 150", n)
	}
	if err := l.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a second Close of a link: %v", err)
	}
}

func TestRawTracepoint(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	self := uint32(os.Getpid())
	b := mustNew(t, countByProcess+`RAW_TRACEPOINT_PROBE(sys_enter) { if (ctx->args[1] == GETPGID) hit(); return 0; }`,
		&bcc.Options{CFlags: []string{"-DGETPGID=" + sysGetpgid}})
	callGetpgid(50)
	if n := count(t, b, self); n != 50 {
		t.Errorf("%d calls counted, expected 50", n)
	}
}

const countProbes = `
BPF_HASH(counts, u32, u64);
int entered(void *ctx) { u32 k = 1; counts.increment(k); return 0; }
int returned(void *ctx) { u32 k = 2; counts.increment(k); return 0; }
int inside(void *ctx) { u32 k = 3; counts.increment(k); return 0; }
`

func TestUprobes(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	p := startTarget(t)
	other := startTarget(t)
	b := mustNew(t, countProbes, nil)
	for _, attach := range []func() (*bcc.Link, error){
		func() (*bcc.Link, error) {
			return b.AttachUprobe(p.path, "traced_function", "entered", &bcc.UprobeOptions{PID: p.pid})
		},
		func() (*bcc.Link, error) { return b.AttachUretprobe(p.path, "traced_function", "returned", nil) },
	} {
		if _, err := attach(); err != nil {
			t.Fatal(err)
		}
	}
	p.run(t)
	other.run(t) // a copy of the program: another file, another process
	if e, r := count(t, b, 1), count(t, b, 2); e != 100 || r != 100 {
		t.Errorf("%d entries and %d returns, expected 100 of each", e, r)
	}
}

// The symbol strlen of glibc is code that chooses an implementation: every call must be counted all the same.
func TestUprobeOnIFunc(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	p := startTarget(t)
	b := mustNew(t, countProbes, nil)
	if _, err := b.AttachUprobe("c", "strlen", "entered", &bcc.UprobeOptions{PID: p.pid}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.AttachUretprobe("c", "strlen", "returned", &bcc.UprobeOptions{PID: p.pid}); err != nil {
		t.Fatal(err)
	}
	p.run(t)
	// The program's output may call strlen a few times more.
	if e, r := count(t, b, 1), count(t, b, 2); e < 1000 || e > 1100 || r != e {
		t.Errorf("%d entries and %d returns, expected 1000 of each and a few", e, r)
	}
}

func TestLoadFunc(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	b := mustNew(t, countProbes, nil)
	programs, err := b.LoadFuncs(ebpf.Kprobe)
	if err != nil || len(programs) != 3 || programs[0].Name() != "entered" || programs[0].Type() != ebpf.Kprobe {
		t.Fatalf("%v, %v", programs, err)
	}
	again, err := b.LoadFunc("entered", ebpf.Kprobe, nil)
	if err != nil || again != programs[0] {
		t.Errorf("loading a function again: another program, %v", err)
	}
	filter, err := b.LoadFunc("entered", ebpf.SocketFilter, nil)
	if err != nil || filter == programs[0] || filter.Type() != ebpf.SocketFilter {
		t.Errorf("loading a function as another type: %v, %v", filter, err)
	}
	if tag, err := filter.Tag(); err != nil || len(tag) != 16 {
		t.Errorf("tag %q, %v", tag, err)
	}
	code, err := b.DumpFunc("entered")
	if err != nil || len(code) == 0 || len(code)%8 != 0 {
		t.Errorf("%d bytes of code, %v", len(code), err)
	}
	if _, err := filter.AttachTracepoint("sched", "sched_switch"); err == nil {
		t.Error("a socket filter was attached to a tracepoint")
	}
}
