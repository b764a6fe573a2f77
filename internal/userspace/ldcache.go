package userspace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
)

const ldCacheFile = "/etc/ld.so.cache"

// The cache of the dynamic linker, glibc's elf/dl-cache.h: after the magic text the number of libraries, the size of the
// texts, and 5 words that do not matter here; then for each library its flags, the offsets of its name and of its path
// from the magic text, and 3 words more. Older caches hold the same behind a table in the format of libc 5.
const (
	ldMagic      = "glibc-ld.so.cache1.1"
	ldOldMagic   = "ld.so-1.7.0\x00"
	ldHeader     = 48
	ldEntry      = 24
	ldOldHeader  = 16
	ldOldEntry   = 12
	ldFlagTypes  = 0x00ff
	ldFlagELF    = 3 // FLAG_ELF_LIBC6
	ldFlagsArch  = 0xff00
	ldFlagsX8664 = 0x0300
	ldFlagsARM64 = 0x0a00
)

type library struct{ name, path string }

var errLDCache = errors.New("not a cache of the dynamic linker")

// parseLDCache returns the libraries of this machine's kind, in the cache's order.
func parseLDCache(b []byte) ([]library, error) {
	b, ok := skipOldCache(b)
	if !ok || len(b) < ldHeader {
		return nil, errLDCache
	}
	var libs []library
	count := int(binary.NativeEndian.Uint32(b[20:]))
	for i, e := 0, b[ldHeader:]; i < count; i, e = i+1, e[ldEntry:] {
		if len(e) < ldEntry {
			return nil, errLDCache
		}
		if !ours(binary.NativeEndian.Uint32(e)) {
			continue
		}
		name, ok1 := textAt(b, binary.NativeEndian.Uint32(e[4:]))
		path, ok2 := textAt(b, binary.NativeEndian.Uint32(e[8:]))
		if !ok1 || !ok2 {
			return nil, errLDCache
		}
		libs = append(libs, library{name, path})
	}
	return libs, nil
}

func skipOldCache(b []byte) ([]byte, bool) {
	if bytes.HasPrefix(b, []byte(ldOldMagic)) && len(b) >= ldOldHeader {
		count := uint64(binary.NativeEndian.Uint32(b[12:]))
		skip := (ldOldHeader + count*ldOldEntry + 7) / 8 * 8
		if skip > uint64(len(b)) {
			return nil, false
		}
		b = b[skip:]
	}
	return b, bytes.HasPrefix(b, []byte(ldMagic))
}

func ours(flags uint32) bool {
	if flags&ldFlagTypes != ldFlagELF {
		return false
	}
	switch runtime.GOARCH {
	case "amd64":
		return flags&ldFlagsArch == ldFlagsX8664
	case "arm64":
		return flags&ldFlagsArch == ldFlagsARM64
	}
	return true
}

func textAt(b []byte, offset uint32) (string, bool) {
	if uint64(offset) >= uint64(len(b)) {
		return "", false
	}
	text, _, ok := bytes.Cut(b[offset:min(len(b), int(offset)+4096)], []byte{0})
	return string(text), ok
}
