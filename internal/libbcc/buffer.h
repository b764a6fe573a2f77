// A row of wire fields that grows.
#ifndef GOBCC_BUFFER_H
#define GOBCC_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
	char *data;
	size_t length, capacity;
	int failed; // out of memory, or over WIRE_MAX
};

void buffer_field(struct buffer *b, uint32_t tag, const void *data, size_t size);
// One field made of two pieces.
void buffer_field2(struct buffer *b, uint32_t tag, const void *first, size_t first_size, const void *second, size_t second_size);
void buffer_text(struct buffer *b, uint32_t tag, const char *text);

#endif
