// Answers libbcc's question whether the kernel has bpf_probe_read_kernel and bpf_probe_read_user. By itself it reads all of
// /proc/kallsyms for that, at every compile, which takes as long as a small program's compile; and without privileges,
// when the addresses are hidden, it finds neither and puts bpf_probe_read in their place.
#define _GNU_SOURCE
#include "bcc.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

typedef int (*resolve_fn)(void *cache, const char *module, const char *name, uint64_t *addr);

static resolve_fn original;

static bool is_helper(const char *name) {
	return name && (strcmp(name, "bpf_probe_read_kernel") == 0 || strcmp(name, "bpf_probe_read_user") == 0);
}

// Both helpers are in every kernel since 5.5 that runs tracing programs at all. Distributions have put them into older
// ones, where libbcc looks for them as ever.
static int resolve_name(void *cache, const char *module, const char *name, uint64_t *addr) {
	struct utsname u;
	int major, minor;
	if (!module && is_helper(name) && !uname(&u) && sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
	    (major > 5 || (major == 5 && minor >= 5))) {
		*addr = 0;
		return 0;
	}
	return original(cache, module, name, addr);
}

static int set_slot(void **slot, void *to) {
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *start = (void *)((uintptr_t)slot & ~(page - 1));
	if (mprotect(start, page, PROT_READ | PROT_WRITE)) // read-only after relocation, where it was linked so
		return -1;
	*slot = to;
	return 0;
}

// Most dynamic linkers have added the library's address to those in its dynamic section, musl's has not.
static const void *target(const struct link_map *map, const ElfW(Dyn) *d) {
	return (const void *)(d->d_un.d_ptr < map->l_addr ? map->l_addr + d->d_un.d_ptr : d->d_un.d_ptr);
}

// Finds, among libbcc's own calls through its table of foreign functions, the one of this name. Where libbcc was linked
// to call itself directly there is none, and nothing changes.
void bcc_shortcut(void *lib) {
	static const char name[] = "bcc_symcache_resolve_name";
	struct link_map *map;
	const ElfW(Rela) *rela = NULL;
	const ElfW(Sym) *symbols = NULL;
	const char *strings = NULL;
	size_t size = 0;

	original = (resolve_fn)dlsym(lib, name);
	if (!original || dlinfo(lib, RTLD_DI_LINKMAP, &map))
		return;
	for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_JMPREL)
			rela = target(map, d);
		else if (d->d_tag == DT_PLTRELSZ)
			size = d->d_un.d_val;
		else if (d->d_tag == DT_SYMTAB)
			symbols = target(map, d);
		else if (d->d_tag == DT_STRTAB)
			strings = target(map, d);
		else if (d->d_tag == DT_PLTREL && d->d_un.d_val != DT_RELA)
			return;
	}
	if (!rela || !symbols || !strings)
		return;
	for (size_t i = 0; i < size / sizeof *rela; i++)
		if (strcmp(strings + symbols[ELF64_R_SYM(rela[i].r_info)].st_name, name) == 0)
			set_slot((void **)(map->l_addr + rela[i].r_offset), (void *)resolve_name);
}
