// A libbcc.so.0 that fails as it is told to: FAKE_FAULT names what happens and FAKE_STAGE where. Without them it
// "compiles" any source to one table and one program, so that the child's part around it runs as with the true one.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../wire.h"

#define PUBLIC __attribute__((visibility("default")))

enum { FLOOD = 100 << 20 };

static const struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};

static long bpf(long cmd, const void *attr, uint32_t size) { return syscall(SYS_bpf, cmd, attr, size); }

// Tells the test that the fault has happened.
static void mark(void) {
	const char *path = getenv("FAKE_MARK");
	if (path)
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static void hang(void) {
	mark();
	for (;;)
		pause();
}

static void say(const char *what) {
	if (write(2, what, strlen(what)) < 0)
		_exit(99);
}

static void flood(int fd) {
	static char block[1 << 16];
	memset(block, '#', sizeof block);
	for (size_t left = FLOOD; left > 0; left -= sizeof block)
		for (size_t done = 0; done < sizeof block;) {
			ssize_t n = write(fd, block + done, sizeof block - done);
			if (n <= 0)
				return;
			done += (size_t)n;
		}
}

static void announce(uint64_t length) {
	struct wire_header h = {WIRE_REPLY, WIRE_VERSION, 0, length};
	if (write(WIRE_FD, &h, sizeof h) != sizeof h)
		say("fake: announce\n");
}

// A process that holds on to the output pipes and the socket.
static void leave_behind(bool session) {
	pid_t pid = fork();
	if (pid == 0) {
		if (session)
			setsid();
		alarm(60); // whatever the test does with it
		hang();
	}
}

static void *const nowhere = (void *)1;

static void unusual_commands(void) {
	char attr[256] = {0};
	char text[32];
	for (long cmd = 0; cmd < 64; cmd++) {
		if (cmd == BPF_MAP_CREATE || cmd == BPF_PROG_LOAD || cmd == BPF_OBJ_PIN || cmd == BPF_BTF_LOAD)
			continue;
		if (bpf(cmd, attr, sizeof attr) != -1 || (errno != EINVAL && errno != ENOENT)) {
			snprintf(text, sizeof text, "fake: command %ld\n", cmd);
			say(text);
		}
	}
	if (bpf(-1, attr, 0) != -1 || bpf(1l << 40, attr, 8) != -1)
		say("fake: a command that is none\n");
}

static void fail(const char *fault) {
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	if (!strcmp(fault, "abort"))
		abort();
	else if (!strcmp(fault, "segv"))
		raise(SIGSEGV);
	else if (!strcmp(fault, "kill"))
		raise(SIGKILL);
	else if (!strcmp(fault, "exit3"))
		exit(3);
	else if (!strcmp(fault, "_exit0"))
		_exit(0);
	else if (!strcmp(fault, "hang"))
		hang();
	else if (!strcmp(fault, "sleep"))
		usleep(300000);
	else if (!strcmp(fault, "flood1"))
		flood(1);
	else if (!strcmp(fault, "flood2"))
		flood(2);
	else if (!strcmp(fault, "flood3"))
		flood(WIRE_FD);
	else if (!strcmp(fault, "garbage")) {
		char garbage[] = "This is no reply at all, is it? It is long enough for one.";
		if (write(WIRE_FD, garbage, sizeof garbage) < 0)
			say("fake: garbage\n");
	} else if (!strcmp(fault, "close3"))
		close(WIRE_FD);
	else if (!strcmp(fault, "close3 hang")) {
		close(WIRE_FD);
		hang();
	} else if (!strcmp(fault, "announce hang")) {
		announce(WIRE_MAX);
		hang();
	} else if (!strcmp(fault, "announce exit")) {
		announce(WIRE_MAX);
		_exit(0);
	} else if (!strcmp(fault, "announce too much"))
		announce((uint64_t)WIRE_MAX + 1);
	else if (!strcmp(fault, "more than announced")) {
		announce(0);
		flood(WIRE_FD);
		hang();
	} else if (!strcmp(fault, "fork abort")) {
		leave_behind(false);
		abort();
	} else if (!strcmp(fault, "fork hang")) {
		leave_behind(false);
		hang();
	} else if (!strcmp(fault, "fork"))
		leave_behind(false);
	else if (!strcmp(fault, "session abort")) {
		leave_behind(true);
		abort();
	} else if (!strcmp(fault, "session hang")) {
		leave_behind(true);
		hang();
	} else if (!strcmp(fault, "descriptors"))
		while (open("/dev/null", O_RDONLY) >= 0)
			;
	else if (!strcmp(fault, "few descriptors")) {
		const struct rlimit few = {32, 32};
		setrlimit(RLIMIT_NOFILE, &few);
	} else if (!strcmp(fault, "chdir"))
		chdir("/");
	else if (!strcmp(fault, "bpf commands"))
		unusual_commands();
	else if (!strcmp(fault, "bpf nowhere"))
		bpf(BPF_MAP_CREATE, nowhere, sizeof attr);
	else if (!strcmp(fault, "bpf empty"))
		bpf(BPF_PROG_LOAD, &attr, 0);
	else if (!strcmp(fault, "bpf code nowhere")) {
		attr.insns = (uintptr_t)nowhere;
		attr.insn_cnt = 100;
		bpf(BPF_PROG_LOAD, &attr, sizeof attr);
	} else if (!strcmp(fault, "bpf pin nowhere"))
		bpf(BPF_OBJ_PIN, &attr, sizeof attr);
	else if (!strcmp(fault, "bpf huge")) {
		attr.btf = (uintptr_t)&attr;
		attr.btf_size = UINT32_MAX;
		bpf(BPF_BTF_LOAD, &attr, sizeof attr);
	} else {
		say("fake: no such fault\n");
		_exit(98);
	}
}

static void stage(const char *name) {
	const char *where = getenv("FAKE_STAGE"), *fault = getenv("FAKE_FAULT");
	if (!where || !fault || strcmp(where, name) != 0)
		return;
	say("fake: ");
	say(name);
	say("\n");
	fail(fault);
}

__attribute__((constructor)) static void constructor(void) { stage("constructor"); }
__attribute__((destructor)) static void destructor(void) { stage("destructor"); }

// How many programs there are.
static size_t programs(void) {
	const char *n = getenv("FAKE_PROGRAMS");
	return n ? (size_t)atoi(n) : 1;
}

static int map = -1;

PUBLIC void *bpf_module_create_c_from_string(const char *text, unsigned flags, const char *cflags[], int ncflags, bool rlimit, const char *dev) {
	union bpf_attr attr;
	size_t length = strlen(text);
	for (int i = 0; i < ncflags; i++)
		length += strlen(cflags[i]);
	(void)flags, (void)rlimit, (void)dev, (void)length;
	stage("create");
	memset(&attr, 0, sizeof attr);
	attr.map_type = BPF_MAP_TYPE_HASH;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 10;
	map = (int)bpf(BPF_MAP_CREATE, &attr, sizeof attr);
	return map < 0 ? NULL : &map;
}

PUBLIC int bcc_func_load(void *m, int type, const char *name, const struct bpf_insn *insns, int length, const char *license, unsigned version, int level,
			 char *log, unsigned size, const char *dev, int attach) {
	union bpf_attr attr;
	(void)m, (void)name, (void)version, (void)level, (void)log, (void)size, (void)dev, (void)attach;
	stage("func_load");
	memset(&attr, 0, sizeof attr);
	attr.prog_type = (uint32_t)type;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = (uint32_t)length / sizeof *insns;
	attr.license = (uintptr_t)license;
	return (int)bpf(BPF_PROG_LOAD, &attr, sizeof attr);
}

PUBLIC size_t bpf_num_tables(void *m) {
	(void)m;
	stage("num_tables");
	return 1;
}

PUBLIC const char *bpf_table_name(void *m, size_t i) {
	(void)m, (void)i;
	stage("table_name");
	return "counts";
}

PUBLIC size_t bpf_num_functions(void *m) {
	(void)m;
	return programs();
}

// The rest has no stage of its own.
#define GETTER(type, name, value) \
	PUBLIC type name(void *m, size_t i) { \
		(void)m, (void)i; \
		return value; \
	}
GETTER(const char *, bpf_function_name, "program")
GETTER(void *, bpf_function_start_id, (void *)code)
GETTER(size_t, bpf_function_size_id, sizeof code)
GETTER(int, bpf_table_fd_id, map)
GETTER(int, bpf_table_type_id, BPF_MAP_TYPE_HASH)
GETTER(size_t, bpf_table_max_entries_id, 10)
GETTER(int, bpf_table_flags_id, 0)
GETTER(const char *, bpf_table_key_desc_id, "\"unsigned int\"")
GETTER(const char *, bpf_table_leaf_desc_id, NULL)
GETTER(size_t, bpf_table_key_size_id, 4)
GETTER(size_t, bpf_table_leaf_size_id, 8)

PUBLIC char *bpf_module_license(void *m) {
	(void)m;
	return "GPL";
}
PUBLIC unsigned bpf_module_kern_version(void *m) {
	(void)m;
	return 1;
}
PUBLIC size_t bpf_perf_event_fields(void *m, const char *name) {
	(void)m, (void)name;
	return 0;
}
PUBLIC const char *bpf_perf_event_field(void *m, const char *name, size_t i) {
	(void)m, (void)name, (void)i;
	return NULL;
}
