#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

static void append(struct buffer *b, const void *data, size_t size) {
	if (b->failed || size == 0)
		return;
	if (size > WIRE_MAX - b->length) {
		b->failed = 1;
		return;
	}
	if (b->length + size > b->capacity) {
		size_t capacity = b->capacity * 2 + size + 4096;
		char *data = realloc(b->data, capacity);
		if (!data) {
			b->failed = 1;
			return;
		}
		b->data = data;
		b->capacity = capacity;
	}
	memcpy(b->data + b->length, data, size);
	b->length += size;
}

void buffer_field2(struct buffer *b, uint32_t tag, const void *first, size_t first_size, const void *second, size_t second_size) {
	struct wire_field f = {tag, (uint32_t)(first_size + second_size)};
	append(b, &f, sizeof f);
	append(b, first, first_size);
	append(b, second, second_size);
}

void buffer_field(struct buffer *b, uint32_t tag, const void *data, size_t size) { buffer_field2(b, tag, data, size, NULL, 0); }

void buffer_text(struct buffer *b, uint32_t tag, const char *text) { buffer_field(b, tag, text ? text : "", text ? strlen(text) : 0); }
