//go:build ignore

#include <linux/sched.h>

struct key_t {
	u32 pid;
	char comm[TASK_COMM_LEN];
};

BPF_HASH(counts, struct key_t);

// When the kernel passes this tracepoint, the current task is still the one that gives up the processor. Its name and
// number come from helpers and not out of struct task_struct, whose fields have other places in each kernel.
RAW_TRACEPOINT_PROBE(sched_switch) {
	struct key_t key = {};

	key.pid = bpf_get_current_pid_tgid();
	bpf_get_current_comm(&key.comm, sizeof(key.comm));
	counts.increment(key);
	return 0;
}
