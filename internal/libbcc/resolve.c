#define _GNU_SOURCE
#include "compile.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "wire.h"

// An IFUNC's implementation is chosen by code in the library, for this processor: the dynamic linker runs it, here in
// the child.
void resolve(const struct request *req, struct buffer *reply) {
	struct link_map *map = NULL;
	void *lib, *symbol = NULL;
	Dl_info info;

	lib = req->library ? dlopen(req->library, RTLD_LAZY | RTLD_LOCAL) : NULL;
	if (lib)
		symbol = dlsym(lib, req->symbol ? req->symbol : "");
	if (!symbol || dlinfo(lib, RTLD_DI_LINKMAP, &map)) {
		const char *why = dlerror();
		buffer_text(reply, REP_ERROR, why ? why : "not found");
		return;
	}
	if (!dladdr(symbol, &info) || strcmp(info.dli_fname, map->l_name) != 0) {
		buffer_text(reply, REP_ERROR, "its implementation is in another file");
		return;
	}
	uint64_t offset = (uint64_t)((char *)symbol - (char *)map->l_addr);
	buffer_field(reply, REP_OFFSET, &offset, sizeof offset);
}
