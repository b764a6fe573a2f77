package testutil

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// shown are the fields of /proc/PID/fdinfo that say which BPF object it is.
var shown = []string{"prog_type", "prog_id", "map_type", "map_id", "link_type", "link_id", "btf_id"}

// bpfObject describes the BPF object behind a descriptor of this process, "" where it is none:
//
//	map_type 2, map_id 17, name counts
func bpfObject(fd string) string {
	info, err := os.ReadFile("/proc/self/fdinfo/" + fd)
	if err != nil {
		return ""
	}
	var is []string
	name := ""
	for line := range strings.Lines(string(info)) {
		field, value, _ := strings.Cut(line, ":")
		if !slices.Contains(shown, field) {
			continue
		}
		is = append(is, field+" "+strings.TrimSpace(value))
		switch {
		case field == "map_id":
			name = objectName(fd, 24) // offset of name in struct bpf_map_info
		case field == "prog_id" && !strings.Contains(string(info), "link_id"):
			name = objectName(fd, 64) // in struct bpf_prog_info
		}
	}
	if name != "" {
		is = append(is, "name "+name)
	}
	return strings.Join(is, ", ")
}

// objectName asks the kernel for what it knows of an object and returns the name at an offset of it.
func objectName(fd string, offset int) string {
	n, err := strconv.Atoi(fd)
	if err != nil {
		return ""
	}
	info := make([]byte, offset+unix.BPF_OBJ_NAME_LEN)
	attr := struct {
		fd, length uint32
		info       unsafe.Pointer
	}{uint32(n), uint32(len(info)), unsafe.Pointer(&info[0])}
	_, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_OBJ_GET_INFO_BY_FD, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
	if errno != 0 {
		return ""
	}
	name, _, _ := bytes.Cut(info[offset:], []byte{0})
	return string(name)
}
