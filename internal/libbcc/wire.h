// The format of what the parent and the compile child send each other; wire.go is the Go half.
//
// A message is a header of 24 bytes and a payload. The header is the magic text, the version, the operation (or, in a
// reply, zero) and the payload's length. The payload is a row of fields: a tag, a length, and that many bytes. All
// numbers are in the machine's byte order: both ends are the same executable.
#ifndef GOBCC_WIRE_H
#define GOBCC_WIRE_H

#include <stdint.h>

#define WIRE_VERSION 1
#define WIRE_REQUEST "gobccREQ"
#define WIRE_REPLY "gobccREP"
#define WIRE_MAX (1u << 30)
#define WIRE_FD 3

#define CHILD_ARGV0 "gobcc-compile-child"

struct wire_header {
	char magic[8];
	uint32_t version;
	uint32_t op;
	uint64_t length;
};

struct wire_field {
	uint32_t tag;
	uint32_t length;
};

enum wire_op {
	OP_COMPILE = 1,
	OP_RESOLVE = 2,
};

// Fields of a request.
enum {
	REQ_SOURCE = 1,  // C text
	REQ_PUBLIC = 2,  // C text that declares the public tables of other objects; compiled first
	REQ_CFLAG = 3,   // one compiler flag; repeated
	REQ_DEBUG = 4,   // uint32
	REQ_DEVICE = 5,  // network device that the program is offloaded to
	REQ_LIBRARY = 6, // path, for OP_RESOLVE
	REQ_SYMBOL = 7,  // name, for OP_RESOLVE
};

// Fields of a reply.
enum {
	REP_ERROR = 1,    // text: why there is no result
	REP_LIBRARY = 2,  // path of the libbcc that was loaded
	REP_FAILED = 3,   // libbcc refused the source; its reasons are on stderr
	REP_LICENSE = 4,  // text
	REP_KERNEL = 5,   // uint32, the version that the headers name
	REP_PHASE = 6,    // uint32: 0 while the public tables are declared, 1 in the source itself
	REP_MAP = 7,      // struct map_head, then the kernel's union bpf_attr as libbcc sent it
	REP_BTF = 8,      // uint32 record, then the blob
	REP_PIN = 9,      // uint32 record, then the path
	REP_TABLE = 10,   // struct table_head
	REP_NAME = 11,    // text; belongs to the table or function before it
	REP_KEY = 12,     // text: libbcc's JSON description of the key
	REP_LEAF = 13,    // text: the same of the value
	REP_EVENT = 14,   // text: one field of a perf or ring buffer event, "name#type"; repeated
	REP_FUNCTION = 15, // struct function_head
	REP_CODE = 16,    // instructions; a map's descriptor is replaced by its record
	REP_FUNC_INFO = 17,
	REP_LINE_INFO = 18,
	REP_NO_LIBRARY = 20, // text: why libbcc could not be opened
	REP_OFFSET = 19,  // uint64: the address of the symbol's code, as the library's file has it
};

struct map_head {
	uint32_t record;
	int32_t inner; // record of the inner map, or -1
	int32_t btf;   // record of the BTF, or -1
};

struct table_head {
	int32_t record; // -1: libbcc gave no map
	int32_t type;
	uint32_t key_size;
	uint32_t leaf_size;
	uint32_t max_entries;
	uint32_t flags;
};

struct function_head {
	int32_t btf; // record, or -1
	uint32_t func_info_size;
	uint32_t line_info_size;
};

#endif
