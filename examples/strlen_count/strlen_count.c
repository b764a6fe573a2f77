//go:build ignore

#include <uapi/linux/ptrace.h>

struct key_t {
	char text[80];
};

BPF_HASH(counts, struct key_t);

int count(struct pt_regs *ctx) {
	struct key_t key = {};

	// Longer strings are cut, and those that cannot be read, such as NULL, are left out.
	if (bpf_probe_read_user_str(&key.text, sizeof(key.text), (void *)PT_REGS_PARM1(ctx)) < 0)
		return 0;
	counts.increment(key);
	return 0;
}
