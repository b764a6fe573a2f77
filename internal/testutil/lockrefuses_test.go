package testutil

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLockRefuses(t *testing.T) {
	Leaks(t)
	dir := private(t)
	take := func(name string) string { return ask(t, func(t testing.TB) { Lock(t, name) }) }
	for _, name := range []string{"", ".", "..", "a/b", "/a"} {
		if text := take(name); !strings.Contains(text, "cannot be the name of a lock") {
			t.Errorf("%q: %q", name, text)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if text := take("link"); !strings.HasPrefix(text, "fatal: taking the lock link") {
		t.Errorf("a symbolic link: %q", text)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if text := take("a"); !strings.Contains(text, "is not a folder of uid") {
		t.Errorf("a folder open to all: %q", text)
	}
	if os.Geteuid() == 0 {
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		if text := take("a"); !strings.Contains(text, "is not a folder of uid") {
			t.Errorf("a folder of another user: %q", text)
		}
	}
}
