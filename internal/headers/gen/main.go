// Command gen makes the tables of the kernel's user interface in internal/headers/uapi, from installed headers (Debian's
// linux-libc-dev, or linux-libc-dev-arm64-cross for another machine):
//
//	gen -o uapi                                                                  common.txt and the table of this machine
//	gen -o uapi -machine arm64 -include /usr/aarch64-linux-gnu/include           the table of another machine alone
//
// It asks gcc for all macros that each header leaves behind (-dM), and for the values of those that are made from types.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

func main() {
	out := flag.String("o", "uapi", "folder for the tables")
	machine := flag.String("machine", runtime.GOARCH, "whose headers they are")
	include := flag.String("include", "/usr/include", "folder of the headers")
	asm := flag.String("asm", "", "folder of asm/; by default found beside linux/ or below")
	flag.Parse()
	if err := run(*out, *machine, *include, *asm); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(out, machine, include, asm string) error {
	if asm == "" {
		found, err := filepath.Glob(filepath.Join(include, "*/asm/unistd.h"))
		if err != nil {
			return err
		}
		asm = include
		if len(found) > 0 {
			asm = filepath.Dir(filepath.Dir(found[0]))
		}
	}
	h, err := newHeaders(include, asm)
	if err != nil {
		return err
	}
	defer h.close()
	own, err := h.table([]string{"asm"}, nil)
	if err != nil {
		return err
	}
	if err := writeTable(filepath.Join(out, machine+".txt"), own); err != nil || machine != runtime.GOARCH {
		return err
	}
	common, err := h.table(folders, own)
	if err != nil {
		return err
	}
	return writeTable(filepath.Join(out, "common.txt"), common)
}

// folders have the headers that are the same for all machines.
var folders = []string{"linux", "linux/netfilter", "linux/netfilter_ipv4", "linux/netfilter_ipv6", "linux/tc_act", "linux/can",
	"linux/raid", "linux/sched", "rdma", "scsi"}

// writeTable writes names and values, sorted by name.
func writeTable(path string, macros map[string]string) error {
	var lines []string
	for name := range macros {
		lines = append(lines, name)
	}
	slices.Sort(lines)
	for i, name := range lines {
		lines[i] = name + macros[name]
	}
	fmt.Println(path, len(lines), "macros")
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}
