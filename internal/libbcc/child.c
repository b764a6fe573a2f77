// The entry of the compile child: a constructor, so it runs before the Go runtime does, in this executable executed again.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/capability.h>

#include "compile.h"
#include "self.h"
#include "wire.h"

enum { EXIT_HANDSHAKE = 120, EXIT_REQUEST = 121, EXIT_REPLY = 122 };

static void die(int status, const char *what) {
	fprintf(stderr, "gobcc: compile child: %s\n", what);
	_exit(status);
}

// An executable with file capabilities or a set-user-ID bit gives its rights to whoever starts it as this child, with a
// source text of their own. Compiling needs no rights: go back to those of the caller.
static void drop_rights(void) {
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2];
	if (!getauxval(AT_SECURE))
		return;
	memset(none, 0, sizeof none);
	if (setresgid(getgid(), getgid(), getgid()) || setresuid(getuid(), getuid(), getuid()) || syscall(SYS_capset, &header, none))
		die(EXIT_HANDSHAKE, "cannot drop its rights");
}

static int read_all(void *to, size_t size) {
	char *p = to;
	while (size > 0) {
		ssize_t n = read(WIRE_FD, p, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static void write_all(const void *from, size_t size) {
	const char *p = from;
	while (size > 0) {
		ssize_t n = write(WIRE_FD, p, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			die(EXIT_REPLY, "the parent does not take the reply");
		p += n;
		size -= (size_t)n;
	}
}

// The handshake: descriptor 3 is a socket on which a request waits.
static struct wire_header shake_hands(void) {
	struct wire_header h;
	ssize_t n = recv(WIRE_FD, &h, sizeof h, MSG_WAITALL);
	if (n != sizeof h || memcmp(h.magic, WIRE_REQUEST, sizeof h.magic) != 0)
		die(EXIT_HANDSHAKE, "started by hand: this name is for the library's own use");
	if (h.version != WIRE_VERSION)
		die(EXIT_HANDSHAKE, "the request has another version: gobcc-compile is of another release than the library");
	if (h.length > WIRE_MAX)
		die(EXIT_REQUEST, "the request is too long");
	return h;
}

static void take_field(struct request *req, uint32_t tag, const char *value) {
	switch (tag) {
	case REQ_SOURCE:
		req->source = value;
		break;
	case REQ_PUBLIC:
		req->public_source = value;
		break;
	case REQ_CFLAG:
		req->cflags[req->ncflags++] = value;
		break;
	case REQ_DEBUG:
		memcpy(&req->debug, value, sizeof req->debug);
		break;
	case REQ_DEVICE:
		req->device = value;
		break;
	case REQ_LIBRARY:
		req->library = value;
		break;
	case REQ_SYMBOL:
		req->symbol = value;
		break;
	default:
		die(EXIT_REQUEST, "the request has an unknown field");
	}
}

// Splits the payload in place. Each field is moved one byte down onto its own header to make room for the NUL at its end.
static struct request parse(char *payload, size_t length) {
	struct request req = {.source = ""};
	// Every flag takes a header, so there are no more flags than headers.
	req.cflags = calloc(length / sizeof(struct wire_field) + 1, sizeof *req.cflags);
	if (!req.cflags)
		die(EXIT_REQUEST, strerror(errno));
	while (length > 0) {
		struct wire_field f;
		if (length < sizeof f)
			die(EXIT_REQUEST, "the request is cut short");
		memcpy(&f, payload, sizeof f);
		if (f.length > length - sizeof f || (f.tag == REQ_DEBUG && f.length != sizeof req.debug))
			die(EXIT_REQUEST, "the request has a field of a wrong length");
		char *value = memmove(payload + sizeof f - 1, payload + sizeof f, f.length);
		value[f.length] = 0;
		take_field(&req, f.tag, value);
		payload += sizeof f + f.length;
		length -= sizeof f + f.length;
	}
	return req;
}

static void run(void) {
	const struct rlimit no_core = {0, 0};
	struct buffer reply = {0};

	drop_rights();
	// The parent asked for this, but the kernel forgets it where an executable has rights of its own.
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	struct wire_header h = shake_hands();
	char *payload = malloc(h.length + 1);
	if (!payload || read_all(payload, h.length))
		die(EXIT_REQUEST, "the request is cut short");
	struct request req = parse(payload, h.length);

	if (h.op == OP_COMPILE)
		compile(&req, &reply);
	else if (h.op == OP_RESOLVE)
		resolve(&req, &reply);
	else
		die(EXIT_REQUEST, "the request names an unknown operation");
	if (reply.failed)
		die(EXIT_REPLY, "no memory for the reply");
	memcpy(h.magic, WIRE_REPLY, sizeof h.magic);
	h.op = 0;
	h.length = reply.length;
	write_all(&h, sizeof h);
	write_all(reply.data, reply.length);
	// LLVM's buffered output, when a debug flag asked for it, is written by its destructors.
	if (req.debug)
		exit(0);
	_exit(0);
}

__attribute__((constructor(101))) static void gobcc_compile_child(void) {
	if (strcmp(program_invocation_name, CHILD_ARGV0) == 0)
		run();
}
