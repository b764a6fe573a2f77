// libbcc's C API as far as the compile child uses it, resolved when the library is opened. The prototypes are ours, so a
// program builds without libbcc's headers and starts without libbcc.
#ifndef GOBCC_BCC_H
#define GOBCC_BCC_H

#include <stdbool.h>
#include <stddef.h>

struct bpf_insn;

struct bcc {
	void *(*module_create_c_from_string)(const char *text, unsigned flags, const char *cflags[], int ncflags, bool allow_rlimit,
					     const char *dev_name);
	char *(*module_license)(void *);
	unsigned (*module_kern_version)(void *);
	size_t (*num_functions)(void *);
	const char *(*function_name)(void *, size_t);
	void *(*function_start_id)(void *, size_t);
	size_t (*function_size_id)(void *, size_t);
	size_t (*num_tables)(void *);
	int (*table_fd_id)(void *, size_t);
	int (*table_type_id)(void *, size_t);
	size_t (*table_max_entries_id)(void *, size_t);
	int (*table_flags_id)(void *, size_t);
	const char *(*table_name)(void *, size_t);
	const char *(*table_key_desc_id)(void *, size_t);
	const char *(*table_leaf_desc_id)(void *, size_t);
	size_t (*table_key_size_id)(void *, size_t);
	size_t (*table_leaf_size_id)(void *, size_t);
	size_t (*perf_event_fields)(void *, const char *);
	const char *(*perf_event_field)(void *, const char *, size_t);
	// Before libbcc 0.25 without the last argument, which such a version does not look at.
	int (*func_load)(void *, int prog_type, const char *name, const struct bpf_insn *, int prog_len, const char *license,
			 unsigned kern_version, int log_level, char *log_buf, unsigned log_buf_size, const char *dev_name, int attach_type);
};

// Fills b and puts the library's path into path; NULL, or the reason in a static text.
const char *bcc_open(struct bcc *b, char *path, size_t size);

// Spares libbcc, opened as lib, its walk through /proc/kallsyms.
void bcc_shortcut(void *lib);

#endif
