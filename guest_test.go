package bcc_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/internal/testutil"
)

// Tests named TestGuest… need what many kernels lack; `make test-vm` runs them in a guest that has it. Their programs include
// nothing: the guest is emulated, and compiles 20 times slower.

const countInFunction = `
BPF_HASH(counts, u32, u64);
static inline int hit(u32 key) { if (bpf_get_current_pid_tgid() >> 32 == SELF) counts.increment(key); return 0; }
`

func countSelf() *bcc.Options {
	return &bcc.Options{CFlags: []string{fmt.Sprintf("-DSELF=%d", os.Getpid())}}
}

func TestGuestKprobes(t *testing.T) {
	testutil.Root(t)
	testutil.Kprobes(t)
	testutil.Headers(t)
	b := mustNew(t, countInFunction+`
int kprobe__sys_getpgid(void *ctx) { return hit(1); }
int kretprobe____x64_sys_getpgid(void *ctx) { return hit(2); }
int by_hand(void *ctx) { return hit(3); }
int returned(void *ctx) { return hit(4); }
`, countSelf())
	callGetpgid(50)
	if e, r := count(t, b, 1), count(t, b, 2); e != 50 || r != 50 {
		t.Errorf("attached by name: %d entries and %d returns, expected 50 of each", e, r)
	}
	if _, err := b.AttachKprobe("sys_getpgid", "by_hand", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := b.AttachKretprobe("sys_getpgid", "returned", &bcc.KprobeOptions{MaxActive: 64}); err != nil {
		t.Fatal(err)
	}
	callGetpgid(50)
	for key, want := range map[uint32]uint64{1: 100, 2: 100, 3: 50, 4: 50} {
		if n := count(t, b, key); n != want {
			t.Errorf("counter %d: %d, expected %d", key, n, want)
		}
	}
	_, err := b.AttachKprobe("no_such_function", "by_hand", nil)
	var attach *bcc.AttachError
	if !errors.As(err, &attach) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a function that does not exist: %v", err)
	}
}

func TestGuestTracing(t *testing.T) {
	testutil.Root(t)
	testutil.Fentry(t)
	testutil.Headers(t)
	b := mustNew(t, countInFunction+`
int kfunc__vmlinux____x64_sys_getpgid(void *ctx) { return hit(1); }
int kretfunc____x64_sys_getpgid(void *ctx) { return hit(2); }
`, countSelf())
	callGetpgid(50)
	if e, r := count(t, b, 1), count(t, b, 2); e != 50 || r != 50 {
		t.Errorf("%d entries and %d returns, expected 50 of each", e, r)
	}
}

func TestGuestLSM(t *testing.T) {
	testutil.Root(t)
	testutil.LSM(t)
	testutil.Headers(t)
	b := mustNew(t, countInFunction+`int lsm__task_getpgid(void *ctx) { return hit(1); }`, countSelf())
	callGetpgid(50)
	if n := count(t, b, 1); n != 50 {
		t.Errorf("%d calls of the hook, expected 50", n)
	}
}
