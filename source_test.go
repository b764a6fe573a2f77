package bcc

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func writeSource(t *testing.T, path, text string) {
	t.Helper()
	err := os.WriteFile(path, []byte(text), 0o600)
	if errors.Is(err, fs.ErrPermission) {
		t.Skip("the executable is in a folder of somebody else:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
}

func TestReadSource(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const here, beside, both = "gobcc-test-here.c", "gobcc-test-beside.c", "gobcc-test-both.c"
	dir := t.TempDir()
	t.Chdir(dir)
	writeSource(t, filepath.Join(dir, here), "int here;\r\n\x00")
	writeSource(t, filepath.Join(dir, both), "int here;")
	writeSource(t, filepath.Join(filepath.Dir(exe), beside), "int beside;")
	writeSource(t, filepath.Join(filepath.Dir(exe), both), "int beside;")
	tests := []struct{ path, found, source string }{
		{here, here, "int here;\r\n\x00"},
		{"./" + here, "./" + here, "int here;\r\n\x00"},
		{filepath.Join(dir, here), filepath.Join(dir, here), "int here;\r\n\x00"},
		{both, both, "int here;"},
		{beside, filepath.Join(filepath.Dir(exe), beside), "int beside;"},
		{"./" + beside, filepath.Join(filepath.Dir(exe), beside), "int beside;"},
	}
	for _, tt := range tests {
		found, source, err := readSource(tt.path)
		if found != tt.found || source != tt.source || err != nil {
			t.Errorf("%s: %q, %q, %v; want %q, %q", tt.path, found, source, err, tt.found, tt.source)
		}
	}
}

func TestReadSourceFails(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	tests := []struct {
		name, path, want string
		matches          error
	}{
		{"no name", "", "no file is named", nil},
		{"nowhere", "gobcc-test-nowhere.c", "gobcc-test-nowhere.c beside the executable", fs.ErrNotExist},
		{"an absolute path is looked for nowhere else", filepath.Join(dir, "gobcc-test-nowhere.c"), "no such file", fs.ErrNotExist},
		{"a folder", ".", "is a directory", syscall.EISDIR},
	}
	for _, tt := range tests {
		_, _, err := readSource(tt.path)
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.matches != nil && !errors.Is(err, tt.matches) {
			t.Errorf("%s: error %v, want %q and %v", tt.name, err, tt.want, tt.matches)
		}
		if filepath.IsAbs(tt.path) && strings.Contains(err.Error(), "beside") {
			t.Errorf("%s: %v", tt.name, err)
		}
		if _, err := NewFromFile(tt.path, nil); err == nil || !strings.HasPrefix(err.Error(), "read source: ") {
			t.Errorf("%s: NewFromFile: %v", tt.name, err)
		}
	}
}
