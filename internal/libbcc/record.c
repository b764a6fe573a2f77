#define _GNU_SOURCE
#include "record.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "wire.h"

#if defined(__x86_64__)
#define REG_ARG(c, n) ((c)->uc_mcontext.gregs[(n) == 0 ? REG_RDI : (n) == 1 ? REG_RSI : REG_RDX])
#define REG_RESULT(c) ((c)->uc_mcontext.gregs[REG_RAX])
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define REG_ARG(c, n) ((c)->uc_mcontext.regs[n])
#define REG_RESULT(c) ((c)->uc_mcontext.regs[0])
#define THIS_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define REG_ARG(c, n) ((c)->uc_mcontext.__gregs[REG_A0 + (n)])
#define REG_RESULT(c) ((c)->uc_mcontext.__gregs[REG_A0])
#define THIS_ARCH AUDIT_ARCH_RISCV64
#endif

static struct buffer *out;
static struct program newest;
static uint32_t records;

// A descriptor that stands for a record: a memory file as long as the record's number and one more, so that it keeps
// its meaning when libbcc duplicates it, and costs what a map's descriptor costs.
static int new_record(uint32_t *record) {
	int fd = memfd_create("gobcc", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)records + 1)) {
		int err = errno;
		close(fd);
		return -err;
	}
	*record = records++;
	return fd;
}

int record_of(int fd) {
	struct stat st;
	// A memory file has no name: that tells it from the files which libbcc opens by path.
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_nlink != 0 || st.st_size < 1 || st.st_size > records)
		return -1;
	return (int)st.st_size - 1;
}

static void *at(uint64_t pointer) { return (void *)(uintptr_t)pointer; }

static char *copy_of(uint64_t pointer, size_t size) {
	char *c = malloc(size + 1);
	if (c && size)
		memcpy(c, at(pointer), size);
	return c;
}

static long map_create(const union bpf_attr *attr, uint32_t size) {
	struct map_head head = {.inner = -1, .btf = -1};
	int fd = new_record(&head.record);
	if (fd < 0)
		return fd;
	if (attr->map_type == BPF_MAP_TYPE_ARRAY_OF_MAPS || attr->map_type == BPF_MAP_TYPE_HASH_OF_MAPS)
		head.inner = record_of((int)attr->inner_map_fd);
	if (attr->btf_fd)
		head.btf = record_of((int)attr->btf_fd);
	buffer_field2(out, REP_MAP, &head, sizeof head, attr, size);
	return fd;
}

static long btf_load(const union bpf_attr *attr) {
	uint32_t record;
	int fd = new_record(&record);
	if (fd >= 0)
		buffer_field2(out, REP_BTF, &record, sizeof record, at(attr->btf), attr->btf_size);
	return fd;
}

static long obj_pin(const union bpf_attr *attr) {
	uint32_t record = (uint32_t)record_of((int)attr->bpf_fd);
	const char *path = at(attr->pathname);
	buffer_field2(out, REP_PIN, &record, sizeof record, path, strlen(path));
	return 0;
}

static void forget_program(void) {
	free(newest.insns);
	free(newest.func_info);
	free(newest.line_info);
	memset(&newest, 0, sizeof newest);
}

static long prog_load(const union bpf_attr *attr) {
	uint32_t record;
	int fd = new_record(&record);
	if (fd < 0)
		return fd;
	forget_program();
	newest.count = attr->insn_cnt;
	newest.insns = (struct bpf_insn *)copy_of(attr->insns, attr->insn_cnt * sizeof(struct bpf_insn));
	newest.btf = attr->prog_btf_fd ? record_of((int)attr->prog_btf_fd) : -1;
	newest.func_info_size = attr->func_info_rec_size;
	newest.func_info_length = attr->func_info_cnt * attr->func_info_rec_size;
	newest.func_info = copy_of(attr->func_info, newest.func_info_length);
	newest.line_info_size = attr->line_info_rec_size;
	newest.line_info_length = attr->line_info_cnt * attr->line_info_rec_size;
	newest.line_info = copy_of(attr->line_info, newest.line_info_length);
	if (!newest.insns || !newest.func_info || !newest.line_info)
		return -ENOMEM;
	return fd;
}

struct program record_program(void) {
	struct program p = newest;
	memset(&newest, 0, sizeof newest);
	return p;
}

// Answers as a kernel with every feature would, so that names, BTF and line information are kept: whoever loads the
// object meets the real kernel and drops what that one lacks. A pinned table does not exist yet, for the same reason.
static long answer(long cmd, const void *user_attr, uint32_t size) {
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	memcpy(&attr, user_attr, size < sizeof attr ? size : sizeof attr);
	switch (cmd) {
	case BPF_MAP_CREATE:
		return map_create(&attr, size < sizeof attr ? size : sizeof attr);
	case BPF_BTF_LOAD:
		return btf_load(&attr);
	case BPF_PROG_LOAD:
		return prog_load(&attr);
	case BPF_OBJ_PIN:
		return obj_pin(&attr);
	case BPF_OBJ_GET:
		return -ENOENT;
	default:
		return -EINVAL;
	}
}

#ifdef REG_RESULT
// The signal is raised by the system call itself, never in the middle of the allocator, so it may allocate.
static void on_sigsys(int sig, siginfo_t *info, void *context) {
	ucontext_t *c = context;
	(void)sig;
	if (info->si_syscall != SYS_bpf) {
		REG_RESULT(c) = -ENOSYS;
		return;
	}
	REG_RESULT(c) = answer((long)REG_ARG(c, 0), at((uint64_t)REG_ARG(c, 1)), (uint32_t)REG_ARG(c, 2));
}

const char *record_start(struct buffer *to) {
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	struct sock_fprog prog = {sizeof filter / sizeof *filter, filter};
	struct sigaction sa = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO | SA_NODEFER};
	sigset_t sigsys;

	out = to;
	if (sigaction(SIGSYS, &sa, NULL))
		return "sigaction(SIGSYS)";
	// Threads of a foreign program may block it, and the child inherits that; a blocked one kills.
	sigemptyset(&sigsys);
	sigaddset(&sigsys, SIGSYS);
	if (sigprocmask(SIG_UNBLOCK, &sigsys, NULL))
		return "sigprocmask(SIGSYS)";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return "prctl(PR_SET_NO_NEW_PRIVS)";
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return "prctl(PR_SET_SECCOMP)";
	return NULL;
}
#else
const char *record_start(struct buffer *to) {
	out = to;
	errno = ENOSYS;
	return "bpf(2) cannot be recorded on this processor";
}
#endif
