package bcc

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"github.com/gobcc/bcc/internal/bpfsys"
	"github.com/gobcc/bcc/internal/libbcc"
	"github.com/gobcc/bcc/module"
)

// ownTable describes a table that the source itself makes, from the kernel attributes that libbcc made it with.
func ownTable(t libbcc.Table, made libbcc.Map, index map[int]int, pin string) module.Table {
	a := bpfsys.DecodeMapCreate(made.Attr)
	inner := int32(-1)
	if i, ok := index[made.Inner]; ok && made.Inner >= 0 {
		inner = int32(i)
	}
	return module.Table{
		Name: t.Name, Type: ebpf.MapType(a.MapType), KeySize: a.KeySize, ValueSize: a.ValueSize, MaxEntries: a.MaxEntries,
		Flags: a.MapFlags, BTFKey: a.BtfKeyTypeID, BTFValue: a.BtfValueTypeID, Inner: inner, PinPath: pin,
		KeyDesc: t.KeyDesc, ValueDesc: t.LeafDesc, Events: t.Events,
	}
}

// externTable describes a table of another object, which was declared to libbcc as plain bytes.
func externTable(t libbcc.Table, public []module.Table) module.Table {
	i := slices.IndexFunc(public, func(p module.Table) bool { return p.Name == t.Name })
	if i < 0 {
		return module.Table{Name: t.Name, Type: ebpf.MapType(t.Type), Inner: -1, Extern: true}
	}
	e := public[i]
	e.Inner, e.BTFKey, e.BTFValue, e.PinPath, e.Public, e.Extern = -1, 0, 0, "", false, true
	e.Events = t.Events
	return e
}

// sections are the names under which BCC's macros put a table's type into the source.
var sections = map[ebpf.MapType]string{
	ebpf.Hash: "hash", ebpf.Array: "array", ebpf.ProgramArray: "prog", ebpf.PerfEventArray: "perf_output",
	ebpf.PerCPUHash: "percpu_hash", ebpf.PerCPUArray: "percpu_array", ebpf.StackTrace: "stacktrace",
	ebpf.CGroupArray: "cgroup_array", ebpf.LRUHash: "lru_hash", ebpf.LRUCPUHash: "lru_percpu_hash", ebpf.LPMTrie: "lpm_trie",
	ebpf.DevMap: "devmap", ebpf.SockMap: "sockmap", ebpf.CPUMap: "cpumap", ebpf.XSKMap: "xskmap", ebpf.SockHash: "sockhash",
	ebpf.Queue: "queue", ebpf.Stack: "stack",
}

// externTables returns the public tables of this process that the source may mean by extern.
func externTables(source string) []module.Table {
	if !strings.Contains(source, `"extern"`) && !strings.Contains(source, "maps/extern") {
		return nil
	}
	var named []module.Table
	for _, t := range module.PublicTables() {
		known := slices.ContainsFunc(named, func(n module.Table) bool { return n.Name == t.Name })
		if !known && sections[t.Type] != "" && regexp.MustCompile(`\b`+regexp.QuoteMeta(t.Name)+`\b`).MatchString(source) {
			named = append(named, t)
		}
	}
	return named
}

// declare writes C that makes public tables known to libbcc: their sizes, not their types, which the source has itself.
func declare(tables []module.Table) string {
	var b strings.Builder
	for _, t := range tables {
		if t.KeySize == 0 {
			fmt.Fprintf(&b, "typedef struct { char b[%d]; } gobcc_value_%s;\n", t.ValueSize, t.Name)
			fmt.Fprintf(&b, "BPF_QUEUESTACK(%q, %s, gobcc_value_%s, %d, %d);\n", sections[t.Type], t.Name, t.Name, t.MaxEntries, t.Flags)
		} else {
			fmt.Fprintf(&b, "typedef struct { char b[%d]; } gobcc_key_%s;\ntypedef struct { char b[%d]; } gobcc_value_%s;\n",
				t.KeySize, t.Name, t.ValueSize, t.Name)
			fmt.Fprintf(&b, "BPF_F_TABLE(%q, gobcc_key_%s, gobcc_value_%s, %s, %d, %d);\n", sections[t.Type], t.Name, t.Name, t.Name,
				t.MaxEntries, t.Flags)
		}
		fmt.Fprintf(&b, "__attribute__((section(\"maps/export\"))) struct %s_table_t __%s;\n", t.Name, t.Name)
	}
	return b.String()
}

// publicSections are where BPF_TABLE_PUBLIC and BPF_TABLE_SHARED put a second variable, named after the table.
var publicSections = []string{"maps/export", "maps/shared"}

var mayBePublic = regexp.MustCompile(`_PUBLIC\b|_SHARED\b|maps/(export|shared)`)

// markPublic finds the tables that other objects may use. libbcc keeps that to itself, but the variables that say so are
// in the type information; which it makes only for a source with a function, so one without is compiled again with one.
func markPublic(ctx context.Context, obj *Object, req *libbcc.Request) error {
	if !mayBePublic.MatchString(req.Source) {
		return nil
	}
	blob := obj.BTF
	if len(obj.Functions) == 0 {
		again := *req
		again.Source += "\nint gobcc_none(void *ctx) { return 0; }\n"
		again.Debug = 0
		r, err := libbcc.Compile(ctx, &again)
		if err != nil {
			return err
		}
		for _, f := range r.Functions {
			blob = r.BTF[f.BTF]
		}
	}
	for i := range obj.Tables {
		t := &obj.Tables[i]
		t.Public = !t.Extern && isPublic(blob, t.Name)
	}
	return nil
}

// isPublic looks for the variable and its section among the names in the type information: libbcc blanks the entries that
// would tie them together, which older kernels refuse, but not their names.
func isPublic(blob []byte, table string) bool {
	has := func(name string) bool { return bytes.Contains(blob, []byte("\x00"+name+"\x00")) }
	return has("__"+table) && slices.ContainsFunc(publicSections, has)
}
