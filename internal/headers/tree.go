package headers

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The files of a tree, below include/linux.
const (
	kconfigFile = "kconfig.h" // the name that libbcc looks for, and includes first
	baseFile    = "gobcc_base.h"
	kernelFile  = "gobcc_kernel.h"
)

// baseText is what libbcc's own bpf.h needs, before anything of the kernel may be there.
//
// Formats of tracepoints in newer kernels have __seg_gs in types, which makes LLVM's BPF backend crash.
const baseText = `typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __le16;
typedef __u16 __be16;
typedef __u32 __le32;
typedef __u32 __be32;
typedef __u64 __le64;
typedef __u64 __be64;
typedef __u16 __sum16;
typedef __u32 __wsum;
#define __bitwise
#undef __seg_gs
#define __seg_gs
#undef __seg_fs
#define __seg_fs
#define __aligned_u64 __u64 __attribute__((aligned(8)))
#define __aligned_be64 __be64 __attribute__((aligned(8)))
#define __aligned_le64 __le64 __attribute__((aligned(8)))
#ifndef KERNEL_VERSION
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#endif
`

// usedHeaders are the kernel headers that libbcc's headers include.
var usedHeaders = []string{"linux/types.h", "linux/bpf_common.h", "linux/version.h", "linux/log2.h", "asm/page.h",
	"uapi/linux/bpf.h", "uapi/linux/if_packet.h", "uapi/linux/if_ether.h"}

// bareHeaders are the headers without a folder that a tree can stand in for: all others are the program's, or libbcc's.
var bareHeaders = []string{"vmlinux.h", "stddef.h", "stdint.h", "stdbool.h"}

// write writes the tree and returns how many bytes are in it.
func (g *generator) write(dir, kernelText string) (int, error) {
	linux := filepath.Join(dir, "include", "linux")
	if err := os.MkdirAll(linux, 0o755); err != nil {
		return 0, err
	}
	version := fmt.Sprintf("#ifndef LINUX_VERSION_CODE\n#define LINUX_VERSION_CODE %d\n#endif\n", g.version.code())
	n := 0
	for name, text := range map[string]string{
		kconfigFile: guarded("KCONFIG", g.kconfig()),
		baseFile:    guarded("BASE", baseText+version),
		kernelFile:  guarded("KERNEL", kernelText),
	} {
		n += len(text)
		if err := os.WriteFile(filepath.Join(linux, name), []byte(text), 0o644); err != nil {
			return 0, err
		}
	}
	return n, g.writeEmpty(filepath.Join(dir, "include"))
}

func guarded(name, text string) string {
	return "#ifndef __GOBCC_" + name + "_H\n#define __GOBCC_" + name + "_H\n" + text + "#endif\n"
}

func (g *generator) kconfig() string {
	var b strings.Builder
	written := map[string]bool{}
	for _, w := range slices.Sorted(maps.Keys(g.program.words)) {
		name := strings.TrimSuffix(w, "_MODULE")
		if strings.HasPrefix(w, "CONFIG_") && !written[name] {
			written[name] = true
			b.WriteString(g.config.define(name))
		}
	}
	b.WriteString("#include \"" + baseFile + "\"\n#include \"/virtual/include/bcc/bpf.h\"\n#include \"" + kernelFile + "\"\n")
	return b.String()
}

// writeEmpty makes an empty file for each of the kernel's headers that the program includes, so that it is found.
func (g *generator) writeEmpty(include string) error {
	names := slices.Clone(usedHeaders)
	for _, header := range g.program.includes {
		if name := filepath.Clean(header[1 : len(header)-1]); isKernelHeader(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxHeaders {
		return fmt.Errorf("the program includes %d headers, at most %d are taken", len(names), maxHeaders)
	}
	for _, name := range names {
		path := filepath.Join(include, name)
		if _, err := os.Lstat(path); err == nil {
			continue // the tree's own
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// isKernelHeader tells whether a header that was not found is taken for one of the kernel's. They are in folders; those of
// bcc are in libbcc itself.
func isKernelHeader(name string) bool {
	if !filepath.IsLocal(name) || strings.HasPrefix(name, "bcc/") {
		return false
	}
	return strings.Contains(name, "/") || slices.Contains(bareHeaders, name)
}
