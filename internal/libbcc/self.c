#define _GNU_SOURCE
#include "self.h"

#include <link.h>
#include <stdint.h>

// Called for the main executable first; 1 ends the walk.
static int contains(struct dl_phdr_info *info, size_t size, void *found) {
	uintptr_t here = (uintptr_t)&contains;
	int dynamic = 0, here_too = 0;
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + p->p_vaddr;
		if (p->p_type == PT_LOAD && here >= start && here < start + p->p_memsz)
			here_too = 1;
		if (p->p_type == PT_INTERP)
			dynamic = 1;
	}
	// A statically linked executable cannot open libbcc.
	*(int *)found = dynamic && here_too;
	return 1;
}

int gobcc_is_main_executable(void) {
	int found = 0;
	dl_iterate_phdr(contains, &found);
	return found;
}
