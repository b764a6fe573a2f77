package headers

import (
	"maps"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// baseTypedefs are there for every program, since libbcc's headers and what it makes of tables and tracepoints use them. The
// program may define them once more, as the same; so they keep their names even then.
var baseTypedefs = wordSet(`__u8 __u16 __u32 __u64 __s8 __s16 __s32 __s64 u8 u16 u32 u64 s8 s16 s32 s64 __be16 __be32 __be64
	__le16 __le32 __le64 __sum16 __wsum bool size_t ssize_t uintptr_t pid_t`)

// plainTypedefs stand in for typedefs that this kernel lacks, or BTF since nothing uses them.
var plainTypedefs = map[string]string{
	"bool": "_Bool", "size_t": "unsigned long", "ssize_t": "long", "ptrdiff_t": "long", "intptr_t": "long", "uintptr_t": "unsigned long",
	"u8": "unsigned char", "u16": "unsigned short", "u32": "unsigned int", "u64": "unsigned long long",
	"s8": "signed char", "s16": "short", "s32": "int", "s64": "long long",
	"uint8_t": "unsigned char", "uint16_t": "unsigned short", "uint32_t": "unsigned int", "uint64_t": "unsigned long long",
	"int8_t": "signed char", "int16_t": "short", "int32_t": "int", "int64_t": "long long",
	"u_int8_t": "unsigned char", "u_int16_t": "unsigned short", "u_int32_t": "unsigned int", "u_int64_t": "unsigned long long",
	"u_char": "unsigned char", "u_short": "unsigned short", "u_int": "unsigned int", "u_long": "unsigned long",
	"unchar": "unsigned char", "ushort": "unsigned short", "uint": "unsigned int", "ulong": "unsigned long",
	"pid_t": "int", "uid_t": "unsigned int", "gid_t": "unsigned int", "key_t": "int", "qid_t": "unsigned int", "mode_t": "unsigned short",
	"off_t": "long", "loff_t": "long long", "time64_t": "long long", "time_t": "long", "clockid_t": "int", "dev_t": "unsigned int",
}

// usedByLibbcc are the words that a program needs though it does not say them: libbcc's helpers.h does.
const usedByLibbcc = `struct pt_regs; struct user_pt_regs; struct bpf_perf_event_data; struct btf_ptr;
	roundup_pow_of_two PAGE_SIZE NULL offsetof
	CONFIG_BPF_SYSCALL CONFIG_ARCH_HAS_SYSCALL_WRAPPER CONFIG_FUNCTION_TRACER`

// roots are the types to start from: those that the program names and does not define.
func (g *generator) roots() []btf.Type {
	var roots []btf.Type
	seen := map[btf.Type]bool{nil: true}
	add := func(t btf.Type) {
		if !seen[t] {
			seen[t] = true
			roots = append(roots, t)
		}
	}
	for _, w := range slices.Sorted(maps.Keys(g.program.words)) {
		if !g.program.ownWords[w] || baseTypedefs[w] {
			add(first(g.found.typedefs[w]))
		}
		if !g.program.ownWords[w] && !g.program.owns(w) && !g.provided.words[w] && !g.provided.macros[w] {
			add(first(g.found.enumerators[w]))
		}
	}
	for _, t := range g.tags() {
		if g.program.ownTags[t.name] == "" && g.provided.tags[t.name] == "" {
			add(g.found.tag(t))
		}
	}
	return roots
}

// tags are the structs, unions and enums that the program names, sorted.
func (g *generator) tags() []tag {
	return slices.SortedFunc(maps.Keys(g.program.tags), func(a, b tag) int {
		return strings.Compare(a.name+" "+a.keyword, b.name+" "+b.keyword)
	})
}

// tag finds a struct, union or enum.
func (f *findings) tag(t tag) btf.Type {
	for _, typ := range f.tags[t.name] {
		if keyword(typ) == t.keyword {
			return typ
		}
	}
	return nil
}

func first(types []btf.Type) btf.Type {
	if len(types) == 0 {
		return nil
	}
	return types[0]
}

// missing are the structs, unions and enums that the program names and nothing has, sorted.
func (g *generator) missing() (tags []tag) {
	for _, t := range g.tags() {
		elsewhere := g.program.ownTags[t.name] != "" || g.provided.tags[t.name] != "" || strings.HasPrefix(t.name, "tracepoint__")
		if g.named[t] && !elsewhere && g.found.tag(t) == nil {
			tags = append(tags, t)
		}
	}
	return tags
}
