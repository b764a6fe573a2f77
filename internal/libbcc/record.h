// What libbcc sends to the kernel, written down instead of carried out.
#ifndef GOBCC_RECORD_H
#define GOBCC_RECORD_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

// One program that libbcc loaded; the pointers are the recorder's own copies.
struct program {
	uint32_t count; // instructions
	struct bpf_insn *insns;
	int btf;
	uint32_t func_info_size, func_info_length;
	uint32_t line_info_size, line_info_length;
	char *func_info, *line_info;
};

// Traps bpf(2) from now on. Maps, BTF and pins go into out as they come. NULL, or why it failed.
const char *record_start(struct buffer *out);

// The record that a descriptor which we gave out stands for, or -1.
int record_of(int fd);

// The newest program, which is then forgotten; its count is 0 when there was none.
struct program record_program(void);

#endif
