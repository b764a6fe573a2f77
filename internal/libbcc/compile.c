#define _GNU_SOURCE
#include "compile.h"

#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bcc.h"
#include "record.h"
#include "wire.h"

static void put_tables(const struct bcc *b, void *module, struct buffer *reply) {
	for (size_t i = 0, n = b->num_tables(module); i < n; i++) {
		const char *name = b->table_name(module, i);
		struct table_head head = {
			.record = record_of(b->table_fd_id(module, i)),
			.type = b->table_type_id(module, i),
			.key_size = (uint32_t)b->table_key_size_id(module, i),
			.leaf_size = (uint32_t)b->table_leaf_size_id(module, i),
			.max_entries = (uint32_t)b->table_max_entries_id(module, i),
			.flags = (uint32_t)b->table_flags_id(module, i),
		};
		buffer_field(reply, REP_TABLE, &head, sizeof head);
		buffer_text(reply, REP_NAME, name);
		buffer_text(reply, REP_KEY, b->table_key_desc_id(module, i));
		buffer_text(reply, REP_LEAF, b->table_leaf_desc_id(module, i));
		for (size_t f = 0, fields = b->perf_event_fields(module, name); f < fields; f++)
			buffer_text(reply, REP_EVENT, b->perf_event_field(module, name, f));
	}
}

// A map's descriptor in an instruction becomes the number of the map's record.
static void replace_maps(struct bpf_insn *insns, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (insns[i].src_reg == BPF_PSEUDO_MAP_FD || insns[i].src_reg == BPF_PSEUDO_MAP_VALUE)
			insns[i].imm = record_of(insns[i].imm);
		i++; // the second half of a wide instruction
	}
}

// Loads each function, which our answers to bpf(2) turn into a description of it: as a kprobe, a type for which libbcc
// looks nothing up in the kernel. What depends on the type is decided by whoever loads the object.
static const char *put_functions(const struct bcc *b, void *module, struct buffer *reply) {
	static char reason[512];
	const char *license = b->module_license(module);
	uint32_t version = b->module_kern_version(module);

	buffer_text(reply, REP_LICENSE, license);
	buffer_field(reply, REP_KERNEL, &version, sizeof version);
	for (size_t i = 0, n = b->num_functions(module); i < n; i++) {
		const char *name = b->function_name(module, i);
		size_t size = b->function_size_id(module, i);
		struct program p;

		int fd = b->func_load(module, BPF_PROG_TYPE_KPROBE, name, b->function_start_id(module, i), (int)size, license, version, 0,
				      NULL, 0, NULL, -1);
		p = record_program();
		if (fd < 0 || p.count * sizeof *p.insns != size) {
			snprintf(reason, sizeof reason, "libbcc did not hand out the function %s: %s", name, strerror(errno));
			return reason;
		}
		close(fd); // one for every program of a large source would be too many
		replace_maps(p.insns, p.count);
		struct function_head head = {p.btf, p.func_info_size, p.line_info_size};
		buffer_field(reply, REP_FUNCTION, &head, sizeof head);
		buffer_text(reply, REP_NAME, name);
		buffer_field(reply, REP_CODE, p.insns, size);
		buffer_field(reply, REP_FUNC_INFO, p.func_info, p.func_info_length);
		buffer_field(reply, REP_LINE_INFO, p.line_info, p.line_info_length);
	}
	return NULL;
}

static void put_phase(struct buffer *reply, uint32_t phase) { buffer_field(reply, REP_PHASE, &phase, sizeof phase); }

void compile(const struct request *req, struct buffer *reply) {
	struct bcc b;
	char path[PATH_MAX];
	const char *reason = bcc_open(&b, path, sizeof path);

	if (reason) {
		buffer_text(reply, REP_NO_LIBRARY, reason);
		return;
	}
	reason = record_start(reply);
	if (reason) {
		buffer_text(reply, REP_ERROR, reason);
		return;
	}
	buffer_text(reply, REP_LIBRARY, path);
	if (req->public_source) {
		put_phase(reply, 0);
		if (!b.module_create_c_from_string(req->public_source, 0, req->cflags, req->ncflags, false, NULL)) {
			buffer_text(reply, REP_ERROR, "libbcc refused the declarations of other objects' public tables");
			return;
		}
	}
	put_phase(reply, 1);
	void *module = b.module_create_c_from_string(req->source, req->debug, req->cflags, req->ncflags, false, req->device);
	if (!module) {
		buffer_field(reply, REP_FAILED, NULL, 0);
		return;
	}
	put_tables(&b, module, reply);
	reason = put_functions(&b, module, reply);
	if (reason)
		buffer_text(reply, REP_ERROR, reason);
}
