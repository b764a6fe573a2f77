package userspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobcc/bcc/internal/testutil"
)

// made makes a file with folders of the modes, and returns the file's path.
func made(t *testing.T, folder, file fs.FileMode) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "folder")
	path := filepath.Join(dir, "lib.so")
	for _, err := range []error{os.Mkdir(dir, 0o700), os.WriteFile(path, nil, 0o600), os.Chmod(path, file), os.Chmod(dir, folder)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestTrusted(t *testing.T) {
	if _, err := Trusted(t.TempDir()); err != nil {
		t.Skip("temporary files are in a folder that others control:", err)
	}
	tests := []struct {
		name         string
		folder, file fs.FileMode
		blamed       string // the end of the path that the error names; "": no error
	}{
		{"ours alone", 0o700, 0o600, ""},
		{"readable by all", 0o755, 0o755, ""},
		{"an executable that changes its user", 0o755, 0o755 | fs.ModeSetuid, ""},
		{"others may write to the file", 0o755, 0o602, "folder/lib.so"},
		{"the group may write to the file", 0o755, 0o620, "folder/lib.so"},
		{"all may write to the file", 0o755, 0o777, "folder/lib.so"},
		{"others may write to the folder", 0o703, 0o600, "folder"},
		{"the group may write to the folder", 0o770, 0o600, "folder"},
		{"others may write to the folder, but not move the file away", 0o777 | fs.ModeSticky, 0o644, ""},
	}
	for _, tt := range tests {
		path := made(t, tt.folder, tt.file)
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{path, link, filepath.Dir(path) + "/./../folder//lib.so"} {
			_, err := Trusted(p)
			if tt.blamed == "" && err != nil {
				t.Errorf("%s: %s: %v", tt.name, p, err)
			}
			if tt.blamed != "" && (err == nil || !strings.HasSuffix(err.Error(), "/"+tt.blamed+" can be written by others")) {
				t.Errorf("%s: %s: error %v, want that of %s", tt.name, p, err, tt.blamed)
			}
		}
	}
}

func TestTrustedOwner(t *testing.T) {
	testutil.Root(t)
	for _, blamed := range []string{"folder/lib.so", "folder"} {
		path := made(t, 0o755, 0o644)
		if err := os.Chown(strings.TrimSuffix(path, "folder/lib.so")+blamed, 1234, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := Trusted(path); err == nil || !strings.HasSuffix(err.Error(), "/"+blamed+" belongs to user 1234") {
			t.Errorf("%s of another user: %v", blamed, err)
		}
	}
}

func TestTrustedOfNothing(t *testing.T) {
	dir := t.TempDir()
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink("nothing", dangling); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "nothing"), dangling} {
		if _, err := Trusted(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
