package libbcc

import (
	"encoding/binary"
	"os"
	"strings"
	"sync"
)

// privileged tells whether the kernel gave this process more rights than its caller has: by a set-user-ID bit or by file
// capabilities. Then what the caller controls, such as PATH, is not to be trusted.
var privileged = sync.OnceValue(func() bool {
	const atSecure = 23
	auxv, _ := os.ReadFile("/proc/self/auxv")
	const pair = 16
	for ; len(auxv) >= pair; auxv = auxv[pair:] {
		if binary.NativeEndian.Uint64(auxv) == atSecure {
			return binary.NativeEndian.Uint64(auxv[8:]) != 0
		}
	}
	return os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid()
})

// callersVariables steer libbcc, or what a library loads.
var callersVariables = []string{"BCC_", "LD_", "TMPDIR=", "ARCH="}

// environment is what a child gets: in a program with more rights than its caller nothing by which the caller could choose
// what is compiled into it.
func environment() []string {
	env := os.Environ()
	if !privileged() {
		return env
	}
	return without(env, callersVariables)
}

func without(env, prefixes []string) []string {
	var kept []string
	for _, v := range env {
		if !hasAny(v, prefixes) {
			kept = append(kept, v)
		}
	}
	return kept
}

func hasAny(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
