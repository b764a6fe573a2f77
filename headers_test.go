package bcc_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/internal/headers"
	"github.com/gobcc/bcc/internal/testutil"
)

func needBTF(t *testing.T) {
	t.Helper()
	testutil.Libbcc(t)
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err != nil {
		t.Skip("this kernel has no BTF")
	}
}

// What a program reads through the kernel's structs is true: with headers of another kernel it is silently something else.
func TestGuestTrueLayouts(t *testing.T) {
	testutil.Root(t)
	testutil.Tracefs(t)
	needBTF(t)
	b := mustNew(t, `
#include <linux/sched.h>
#include <linux/nsproxy.h>
BPF_HASH(counts, u32, u64);
TRACEPOINT_PROBE(syscalls, sys_enter_getpgid) {
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	if (task->tgid != SELF) return 0;
	u32 k = 1;
	u64 v = task->real_parent->tgid;
	counts.update(&k, &v);
	k = 2; v = task->comm[0];
	counts.update(&k, &v);
	k = 3; v = task->nsproxy->net_ns->ns.inum;
	counts.update(&k, &v);
	return 0;
}`, &bcc.Options{Headers: bcc.HeadersBTF, CFlags: countSelf().CFlags})
	callGetpgid(1)
	comm, err := os.ReadFile("/proc/thread-self/comm")
	if err != nil {
		t.Fatal(err)
	}
	netns, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[uint32]uint64{1: uint64(os.Getppid()), 2: uint64(comm[0]), 3: namespaceNumber(netns)} {
		if got := count(t, b, key); got != want {
			t.Errorf("value %d: %d, expected %d", key, got, want)
		}
	}
	if used := b.HeadersUsed(); !strings.Contains(used, "/sys/kernel/btf/vmlinux") {
		t.Errorf("headers used: %s", used)
	}
}

// namespaceNumber reads "net:[4026531840]".
func namespaceNumber(link string) (n uint64) {
	for _, c := range link {
		if c >= '0' && c <= '9' {
			n = 10*n + uint64(c-'0')
		}
	}
	return n
}

const usesKernel = `
#include <linux/sched.h>
int f(void *ctx) { struct task_struct *t = (struct task_struct *)bpf_get_current_task(); return t->tgid; }`

func TestHeaderChoices(t *testing.T) {
	needBTF(t)
	ctx := context.Background()
	tree, err := headers.Generate(t.TempDir(), &headers.Request{Source: usesKernel})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env     string
		choice  bcc.Headers
		used    string
		failure string
	}{
		{"", bcc.HeadersAuto, "generated from /sys/kernel/btf/vmlinux", ""},
		{"", bcc.HeadersBTF, "generated from /sys/kernel/btf/vmlinux", ""},
		{tree.Dir, bcc.HeadersAuto, tree.Dir + " (BCC_KERNEL_SOURCE)", ""},
		{tree.Dir, bcc.HeadersKernel, tree.Dir + " (BCC_KERNEL_SOURCE)", ""},
		{tree.Dir, bcc.HeadersBTF, "generated from /sys/kernel/btf/vmlinux", ""},
		{"", bcc.Headers(tree.Dir), tree.Dir, ""},
		{"", bcc.Headers(t.TempDir()), "", "no kernel headers there"},
		{"/no/such/folder", bcc.HeadersAuto, "", "no kernel headers there"},
		{"", "nonsense", "", "expected auto (empty), btf, kernel, or a folder"},
	} {
		t.Setenv("BCC_KERNEL_SOURCE", c.env)
		obj, err := bcc.Compile(ctx, usesKernel, &bcc.Options{Headers: c.choice})
		var compile *bcc.CompileError
		switch {
		case c.failure != "":
			if !errors.As(err, &compile) || !strings.Contains(err.Error(), c.failure) {
				t.Errorf("%q with %q: %v, expected %q", c.choice, c.env, err, c.failure)
			}
		case err != nil || obj.Headers != c.used:
			t.Errorf("%q with %q: used %v, %v; expected %s", c.choice, c.env, obj, err, c.used)
		}
	}
}

// The user's own headers stay what they are, beside the source and through -I, and what they name of the kernel is there.
func TestOwnHeaders(t *testing.T) {
	needBTF(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("beside.h", "#include <linux/sched.h>\nstatic inline int own(struct task_struct *t) { return t->tgid + OWN; }\n")
	write("include/mine/through.h", "#define OWN 7\ntypedef unsigned int my_u32;\n")
	path := write("program.c", `
#include <mine/through.h>
#include "beside.h"
int f(void *ctx) { my_u32 n = own((struct task_struct *)bpf_get_current_task()); return n; }`)
	b, err := bcc.NewFromFile(path, &bcc.Options{Headers: bcc.HeadersBTF, CFlags: []string{"-I" + dir + "/include"}})
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
}
