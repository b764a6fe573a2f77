#define _GNU_SOURCE
#include "bcc.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define LIBBCC "libbcc.so.0"

static char reason[1024];

static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
#define SYMBOL(field, name) {name, offsetof(struct bcc, field)}
	SYMBOL(module_create_c_from_string, "bpf_module_create_c_from_string"),
	SYMBOL(module_license, "bpf_module_license"),
	SYMBOL(module_kern_version, "bpf_module_kern_version"),
	SYMBOL(num_functions, "bpf_num_functions"),
	SYMBOL(function_name, "bpf_function_name"),
	SYMBOL(function_start_id, "bpf_function_start_id"),
	SYMBOL(function_size_id, "bpf_function_size_id"),
	SYMBOL(num_tables, "bpf_num_tables"),
	SYMBOL(table_fd_id, "bpf_table_fd_id"),
	SYMBOL(table_type_id, "bpf_table_type_id"),
	SYMBOL(table_max_entries_id, "bpf_table_max_entries_id"),
	SYMBOL(table_flags_id, "bpf_table_flags_id"),
	SYMBOL(table_name, "bpf_table_name"),
	SYMBOL(table_key_desc_id, "bpf_table_key_desc_id"),
	SYMBOL(table_leaf_desc_id, "bpf_table_leaf_desc_id"),
	SYMBOL(table_key_size_id, "bpf_table_key_size_id"),
	SYMBOL(table_leaf_size_id, "bpf_table_leaf_size_id"),
	SYMBOL(perf_event_fields, "bpf_perf_event_fields"),
	SYMBOL(perf_event_field, "bpf_perf_event_field"),
	SYMBOL(func_load, "bcc_func_load"),
#undef SYMBOL
};

static void resolve_path(void *symbol, char *path, size_t size) {
	Dl_info info;
	char real[PATH_MAX];
	const char *name = LIBBCC;
	if (dladdr(symbol, &info) && info.dli_fname)
		name = realpath(info.dli_fname, real) ? real : info.dli_fname;
	snprintf(path, size, "%s", name);
}

const char *bcc_open(struct bcc *b, char *path, size_t size) {
	void *lib = dlopen(LIBBCC, RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(reason, sizeof reason, "%s", dlerror());
		return reason;
	}
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
		void *f = dlsym(lib, symbols[i].name);
		if (!f) {
			snprintf(reason, sizeof reason, "%s has no %s: it is too old, 0.25 or newer is needed", LIBBCC, symbols[i].name);
			return reason;
		}
		*(void **)((char *)b + symbols[i].offset) = f;
	}
	bcc_shortcut(lib);
	resolve_path((void *)b->num_functions, path, size);
	return NULL;
}
