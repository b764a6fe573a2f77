package headers

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A version is a kernel's, as in 6.1.76.
type version [3]int

// code is the version as LINUX_VERSION_CODE has it.
func (v version) code() int { return v[0]<<16 + v[1]<<8 + min(v[2], 255) }

// parseVersion takes the numbers at the start of a release, "6.1.0-18-amd64".
func parseVersion(release string) (v version) {
	for i, part := range strings.SplitN(release, ".", len(v)) {
		if end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
			part = part[:end]
		}
		v[i], _ = strconv.Atoi(part)
	}
	return v
}

// release is the running kernel's.
func release() (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", err
	}
	return unix.ByteSliceToString(u.Release[:]), nil
}
