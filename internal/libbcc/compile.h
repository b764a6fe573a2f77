#ifndef GOBCC_COMPILE_H
#define GOBCC_COMPILE_H

#include "buffer.h"

struct request {
	const char *source, *public_source, *device, *library, *symbol;
	const char **cflags;
	int ncflags;
	uint32_t debug;
};

// Compiles with libbcc and writes what came of it; or a REP_ERROR.
void compile(const struct request *req, struct buffer *reply);

// Finds the code that runs for a symbol of a library, by the dynamic linker's own rules.
void resolve(const struct request *req, struct buffer *reply);

#endif
