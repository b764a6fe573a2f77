package bcc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/internal/headers"
	"github.com/gobcc/bcc/internal/testutil"
)

// sameAsPython are programs that must be in the kernel just as Python's bcc has them there: tables with their types,
// programs with their tags, names, type and line information. @ stands for a folder on a BPF file system.
var sameAsPython = []struct {
	name, text string
	typ        bcc.ProgType
}{
	{"keyed tables", `
struct key { u32 pid; char comm[16]; };
struct value { u64 n; struct { u8 a; u16 b; } in; };
BPF_HASH(hash_default);
BPF_HASH(hash, struct key, struct value, 100);
BPF_ARRAY(array, struct value, 7);
BPF_PERCPU_HASH(percpu_hash, u32, u32, 9);
BPF_PERCPU_ARRAY(percpu_array, u64, 5);
BPF_HISTOGRAM(hist);
BPF_HISTOGRAM(hist_of, struct key, 33);
BPF_TABLE("lru_hash", u32, u64, lru, 10);
BPF_TABLE("lru_percpu_hash", u32, u64, lru_percpu, 10);
BPF_F_TABLE("hash", u32, u64, no_prealloc, 10, BPF_F_NO_PREALLOC);
struct prefix { u32 length; u32 address; };
BPF_LPM_TRIE(trie, struct prefix, u32, 50);
int count(struct pt_regs *ctx) {
  struct key k = {}; u32 pid = bpf_get_current_pid_tgid() >> 32;
  bpf_get_current_comm(&k.comm, sizeof(k.comm));
  struct value *v = hash.lookup(&k);
  if (v) v->n++;
  percpu_hash.update(&pid, &pid); lru.increment(pid); lru_percpu.increment(pid); no_prealloc.increment(pid);
  hist.increment(bpf_log2l(pid));
  return 0;
}
int second(struct pt_regs *ctx) { u64 k = 1; hash_default.increment(k); return 0; }
`, ebpf.Kprobe},
	{"tables of descriptors", `
BPF_PROG_ARRAY(programs, 4);
BPF_PERF_ARRAY(counters, 8);
BPF_CGROUP_ARRAY(groups, 3);
BPF_DEVMAP(devices, 3);
BPF_CPUMAP(cpus, 2);
BPF_XSKMAP(sockets, 2);
BPF_SOCKMAP(sockmap, 5);
BPF_SOCKHASH(sockhash, u64, 6);
int none(struct xdp_md *ctx) { programs.call(ctx, 1); return XDP_PASS; }
int tail(struct xdp_md *ctx) { return XDP_DROP; }
`, ebpf.XDP},
	{"buffers, queues, stacks", `
struct event { u32 pid; char comm[16]; };
BPF_PERF_OUTPUT(events);
BPF_RINGBUF_OUTPUT(ring, 8);
BPF_QUEUE(queue, struct event, 11);
BPF_STACK(stack, u64, 12);
BPF_STACK_TRACE(traces, 1000);
BPF_STACK_TRACE_BUILDID(traces_by_id, 64);
int submit(struct pt_regs *ctx) {
  struct event e = {}; e.pid = traces.get_stackid(ctx, 0);
  events.perf_submit(ctx, &e, sizeof(e)); ring.ringbuf_output(&e, sizeof(e), 0); queue.push(&e, 0);
  return 0;
}
`, ebpf.Kprobe},
	{"maps in maps", `
BPF_HASH(inner, u32, u64, 16);
BPF_TABLE("array", int, u64, inner_array, 4);
BPF_ARRAY_OF_MAPS(outer, "inner", 10);
BPF_HASH_OF_MAPS(outer_hash, u32, "inner_array", 10);
int look(void *ctx) { int k = 0; u32 ik = 1; void *m = outer.lookup(&k); if (!m) return 0; u64 *v = bpf_map_lookup_elem(m, &ik); return v ? *v : 0; }
`, ebpf.Kprobe},
	{"spin lock", `
struct locked { struct bpf_spin_lock lock; u64 n; };
BPF_TABLE("array", u32, struct locked, locked, 4);
int add(struct __sk_buff *ctx) { u32 k = 0; struct locked *v = locked.lookup(&k); if (!v) return 0; bpf_spin_lock(&v->lock); v->n++; bpf_spin_unlock(&v->lock); return 0; }
`, ebpf.SchedCLS},
	{"timer", `
struct timed { struct bpf_timer timer; u64 n; };
BPF_TABLE("array", u32, struct timed, timed, 4);
int count(struct __sk_buff *ctx) { u32 k = 0; struct timed *v = timed.lookup(&k); if (v) v->n++; return 0; }
`, ebpf.SchedCLS},
	{"storages", `
BPF_SK_STORAGE(per_socket, u64);
BPF_TASK_STORAGE(per_task, u64);
BPF_CGROUP_STORAGE(per_cgroup, u64);
int f(struct __sk_buff *ctx) { u64 *v = per_cgroup.get_local_storage(0); return v ? 1 : 0; }
`, ebpf.CGroupSKB},
	{"pinned anew", `
BPF_TABLE_PINNED("hash", u32, u64, pinned, 16, "@/new");
int f(void *ctx) { u32 k = 0; u64 *v = pinned.lookup(&k); return v ? *v : 0; }
`, ebpf.Kprobe},
	{"pinned before", `
BPF_TABLE_PINNED("hash", u32, u64, pinned, 16, "@/before");
int f(void *ctx) { u32 k = 0; u64 *v = pinned.lookup(&k); return v ? *v : 0; }
`, ebpf.Kprobe},
	{"public", `
struct shared_value { u64 a; u32 b; };
BPF_TABLE_PUBLIC("hash", u32, struct shared_value, shared, 16);
int f(void *ctx) { u32 k = 0; struct shared_value *v = shared.lookup(&k); return v ? v->b : 0; }
`, ebpf.Kprobe},
	{"extern", `
struct shared_value { u64 a; u32 b; };
BPF_TABLE("extern", u32, struct shared_value, shared, 16);
int g(void *ctx) { u32 k = 0; struct shared_value *v = shared.lookup(&k); return v ? v->a : 0; }
`, ebpf.Kprobe},
	{"attached by name", `
BPF_HASH(switches, u32);
TRACEPOINT_PROBE(sched, sched_switch) { u32 cpu = bpf_get_smp_processor_id(); switches.increment(cpu); return 0; }
`, ebpf.TracePoint},
	{"raw tracepoint", `
RAW_TRACEPOINT_PROBE(sched_switch) { bpf_trace_printk("%d\n", 1); return 0; }
`, ebpf.RawTracepoint},
	{"another license", `
#define BPF_LICENSE Dual BSD/GPL
int f(struct pt_regs *ctx) { u64 t = bpf_ktime_get_ns(); return t >> 3; }
`, ebpf.Kprobe},
}

type described struct{ Maps, Progs map[string]map[string]any }

func TestSameAsPython(t *testing.T) {
	testutil.Root(t)
	testutil.Tracefs(t)
	testutil.Headers(t)
	python := testutil.PythonBCC(t)
	pins := testutil.BPFFS(t)
	pinBefore(t, pins+"/before")

	type request struct {
		Text        string            `json:"text"`
		Headers     string            `json:"headers"`
		Type        int               `json:"type"`
		Maps, Progs map[string]uint32 `json:"-"`
		MapIDs      map[string]uint32 `json:"maps"`
		ProgIDs     map[string]uint32 `json:"progs"`
	}
	var requests []request
	var names []string
	for _, p := range sameAsPython {
		text := string(bytes.ReplaceAll([]byte(p.text), []byte("@"), []byte(pins)))
		// The same headers for both: what they are is not the question here.
		tree, err := headers.Generate(t.TempDir(), &headers.Request{Source: text})
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		b, err := bcc.New(text, &bcc.Options{NoAutoAttach: true, Headers: bcc.Headers(tree.Dir)})
		if err != nil {
			t.Fatalf("%s: %+v", p.name, err)
		}
		t.Cleanup(func() { b.Close() })
		r := request{Text: text, Headers: tree.Dir, Type: int(p.typ), MapIDs: map[string]uint32{}, ProgIDs: map[string]uint32{}}
		for _, tab := range b.Module().Tables() {
			r.MapIDs[tab.Name] = tab.ID()
		}
		programs, err := b.LoadFuncs(p.typ)
		if err != nil {
			t.Fatalf("%s: %+v", p.name, err)
		}
		for _, prog := range programs {
			r.ProgIDs[prog.Name()] = programID(t, prog)
		}
		requests = append(requests, r)
		names = append(names, p.name)
	}
	for i, r := range describeWithPython(t, python, map[string]any{"programs": requests}, len(requests)) {
		t.Run(names[i], func(t *testing.T) {
			if names[i] == "extern" {
				// The type information quotes the source as libbcc rewrote it, with a number for the table that counts all tables
				// of the process.
				dropTypes(r.Ours, r.Theirs)
			}
			compare(t, r.Ours, r.Theirs)
		})
	}
}

func pinBefore(t *testing.T, path string) {
	m, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 16})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Pin(path); err != nil {
		t.Fatal(err)
	}
}

func programID(t *testing.T, p *bcc.Program) uint32 {
	clone, err := p.Clone()
	if err != nil {
		t.Fatal(err)
	}
	defer clone.Close()
	info, err := clone.Info()
	if err != nil {
		t.Fatal(err)
	}
	id, _ := info.ID()
	return uint32(id)
}

func dropTypes(sides ...described) {
	for _, s := range sides {
		for _, p := range s.Progs {
			delete(p, "btf")
			delete(p, "lines")
		}
	}
}

type answer struct{ Theirs, Ours described }

func describeWithPython(t *testing.T, python string, request any, n int) []answer {
	in, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/describe.py")
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, stderr.String())
	}
	var answers []answer
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if len(answers) != n {
		t.Fatalf("%d answers for %d programs", len(answers), n)
	}
	return answers
}

func compare(t *testing.T, ours, theirs described) {
	if len(theirs.Progs) == 0 {
		t.Fatal("Python loaded nothing")
	}
	for kind, pair := range map[string][2]map[string]map[string]any{"table": {ours.Maps, theirs.Maps}, "program": {ours.Progs, theirs.Progs}} {
		if len(pair[0]) != len(pair[1]) {
			t.Errorf("%d %ss, Python has %d", len(pair[0]), kind, len(pair[1]))
		}
		for name, want := range pair[1] {
			got := pair[0][name]
			if same := got["id"] == want["id"]; kind == "table" && same != (name == "pinned") {
				// A pinned table, which the first one makes and the second one opens, must be the same; any other must not.
				t.Errorf("table %s: number %v, Python's has %v", name, got["id"], want["id"])
			}
			delete(got, "id")
			delete(want, "id")
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s %s:\n ours   %v\n Python %v", kind, name, got, want)
			}
		}
	}
}

// A second look at pins: the table that was there before is used, with what is in it.
func TestPinnedTable(t *testing.T) {
	testutil.Root(t)
	testutil.Headers(t)
	pins := testutil.BPFFS(t)
	text := fmt.Sprintf(`BPF_TABLE_PINNED("hash", u32, u64, pinned, 16, "%s/folder/table");`, pins)
	for round := range uint64(3) {
		b, err := bcc.New(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		tab, err := bcc.TableOf[uint32, uint64](b, "pinned")
		if err != nil {
			t.Fatal(err)
		}
		if v, err := tab.Get(1); round > 0 && (err != nil || v != round) {
			t.Errorf("round %d: found %d, %v", round, v, err)
		}
		if err := tab.Set(1, round+1); err != nil {
			t.Error(err)
		}
		b.Close()
	}
	_, err := bcc.New(`BPF_TABLE_PINNED("hash", u64, u64, pinned, 16, "`+pins+`/folder/table");`, nil)
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("is another one")) {
		t.Errorf("a pinned table of other sizes: %v", err)
	}
	_, err = bcc.New(`BPF_TABLE_PINNED("hash", u64, u64, pinned, 16, "`+t.TempDir()+`/table");`, nil)
	if err == nil {
		t.Error("a pin outside of a BPF file system was taken")
	}
	if err := unix.Access(pins+"/folder/table", unix.F_OK); err != nil {
		t.Errorf("the pin does not outlive the programs: %v", err)
	}
	os.Remove(pins + "/folder/table")
}
