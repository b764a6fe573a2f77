package bcc_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/internal/testutil"
)

// asUserWith runs a test again, as an unprivileged user who has some capabilities, and returns what it prints.
func asUserWith(t *testing.T, test string, caps ...uintptr) string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run", "^"+test+"$", "-test.v")
	cmd.Env = append(os.Environ(), "GOBCC_TEST_AGAIN=1")
	testutil.AsUser(cmd)
	cmd.SysProcAttr.AmbientCaps = caps
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return string(out)
}

func again() bool { return os.Getenv("GOBCC_TEST_AGAIN") != "" }

// Each capability that is missing is named; and with all of them no root is needed.
func TestCapabilitiesOneByOne(t *testing.T) {
	if again() {
		b, err := bcc.New(`BPF_HASH(counts, u32, u64);
RAW_TRACEPOINT_PROBE(sys_enter) { u32 k = 1; counts.increment(k); return 0; }`, nil)
		fmt.Println("result:", err)
		if err == nil {
			b.Close()
		}
		return
	}
	testutil.Root(t)
	testutil.Headers(t)
	if b, err := os.ReadFile("/proc/sys/kernel/unprivileged_bpf_disabled"); err != nil || strings.TrimSpace(string(b)) == "0" {
		t.Skip("this kernel lets everyone make tables")
	}
	for _, c := range []struct {
		caps []uintptr
		want string
	}{
		{nil, "table counts (Hash): operation not permitted (this process lacks CAP_BPF "},
		{[]uintptr{unix.CAP_PERFMON}, "table counts (Hash): operation not permitted (this process lacks CAP_BPF "},
		{[]uintptr{unix.CAP_BPF}, "lacks CAP_PERFMON "},
		{[]uintptr{unix.CAP_BPF, unix.CAP_PERFMON}, "result: <nil>"},
		{[]uintptr{unix.CAP_SYS_ADMIN}, "result: <nil>"},
	} {
		if out := asUserWith(t, "TestCapabilitiesOneByOne", c.caps...); !strings.Contains(out, c.want) {
			t.Errorf("capabilities %v: expected %q in:\n%s", c.caps, c.want, out)
		}
	}
}

// With no descriptors left the error says so, wherever they run out.
func TestNoDescriptorsLeft(t *testing.T) {
	if again() {
		for limit := uint64(8); limit <= 30; limit++ {
			unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit, Max: 1024})
			b, err := bcc.New("BPF_HASH(a);\nBPF_HASH(b);\nBPF_HASH(c);\nRAW_TRACEPOINT_PROBE(sys_enter) { return 0; }", nil)
			fmt.Println(limit, "result:", err)
			if err == nil {
				b.Close()
			}
		}
		return
	}
	testutil.Root(t)
	testutil.Headers(t)
	cmd := exec.Command("/proc/self/exe", "-test.run", "^TestNoDescriptorsLeft$", "-test.v")
	cmd.Env = append(os.Environ(), "GOBCC_TEST_AGAIN=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	refused, worked := 0, 0
	for line := range strings.Lines(string(out)) {
		_, result, ok := strings.Cut(strings.TrimSpace(line), " result: ")
		switch {
		case !ok:
		case result == "<nil>":
			worked++
		case strings.Contains(strings.ToLower(result), "too many open files"):
			refused++
		default:
			t.Errorf("an error without its reason: %s", line)
		}
	}
	if refused == 0 || worked == 0 {
		t.Errorf("%d limits were too low, %d high enough; expected some of both:\n%s", refused, worked, out)
	}
}

// A kernel before 5.11 counts tables against RLIMIT_MEMLOCK; a later one does not care. Either way nothing is left to chance.
func TestNoMemlock(t *testing.T) {
	if again() {
		unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{})
		b, err := bcc.New("BPF_HASH(counts, u32, u64, 100000);\nRAW_TRACEPOINT_PROBE(sys_enter) { return 0; }",
			&bcc.Options{KeepMemlock: true})
		fmt.Println("result:", err)
		var left unix.Rlimit
		if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &left); left.Cur != 0 {
			fmt.Println("the limit was changed:", left)
		}
		if err == nil {
			b.Close()
		}
		return
	}
	testutil.Root(t)
	testutil.Headers(t)
	out := asUserWith(t, "TestNoMemlock", unix.CAP_BPF, unix.CAP_PERFMON)
	if !strings.Contains(out, "result: <nil>") && !strings.Contains(out, "operation not permitted") {
		t.Errorf("%s", out)
	}
	if strings.Contains(out, "the limit was changed") {
		t.Errorf("with KeepMemlock: %s", out)
	}
}

// What is compiled does not depend on who compiles: libbcc by itself finds no kernel symbols without privileges, and puts
// other functions into the program.
func TestCompileAsAnyone(t *testing.T) {
	const source = `
BPF_HASH(counts, u32, u64);
int f(void *ctx) {
	u64 a = 0, b = 0;
	bpf_probe_read_kernel(&a, sizeof(a), ctx);
	bpf_probe_read_user(&b, sizeof(b), (void *)a);
	u32 k = b;
	counts.increment(k);
	return 0;
}`
	obj, err := bcc.Compile(context.Background(), source, nil)
	if again() {
		if err == nil {
			fmt.Printf("code: %x\n", obj.Functions[0].Code)
		} else {
			fmt.Println(err)
		}
		return
	}
	testutil.Root(t)
	testutil.Headers(t)
	if err != nil {
		t.Fatal(err)
	}
	if out := asUserWith(t, "TestCompileAsAnyone"); !strings.Contains(out, fmt.Sprintf("code: %x\n", obj.Functions[0].Code)) {
		t.Errorf("root: %x\nanother user: %s", obj.Functions[0].Code, out)
	}
	// The calls, by their numbers: bpf_probe_read_user is 112, bpf_probe_read_kernel 113.
	var calls []uint32
	for code := obj.Functions[0].Code; len(code) > 0; code = code[8:] {
		if code[0] == 0x85 {
			calls = append(calls, binary.NativeEndian.Uint32(code[4:]))
		}
	}
	if !slices.Contains(calls, 112) || !slices.Contains(calls, 113) {
		t.Errorf("calls %v, expected 112 and 113 among them", calls)
	}
}

// On a full disk there is no room for generated headers: the error says so, and what was begun is removed.
func TestFullDisk(t *testing.T) {
	testutil.Root(t)
	testutil.Libbcc(t)
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err != nil {
		t.Skip("this kernel has no BTF")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=8k,nr_inodes=100"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	t.Setenv("TMPDIR", dir)
	t.Setenv("BCC_KERNEL_SOURCE", "")
	_, err := bcc.Compile(context.Background(), "int f(void *ctx) { return 0; }", &bcc.Options{Headers: bcc.HeadersBTF})
	var refused *bcc.CompileError
	if !errors.As(err, &refused) || !errors.Is(err, unix.ENOSPC) {
		t.Errorf("%T %v", err, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
