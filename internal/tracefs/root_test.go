package tracefs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobcc/bcc/internal/tracefs"
)

func TestFindRoot(t *testing.T) {
	tests := []struct {
		name   string
		files  map[string]error // nil: there; absent: os.ErrNotExist
		want   string
		kind   error
		advice string
	}{
		{"new place", map[string]error{"/a/events": nil, "/b/events": nil}, "/a", nil, ""},
		{"no events", map[string]error{"/a/trace_pipe": nil}, "/a", nil, ""},
		{"old place", map[string]error{"/b/events": nil}, "/b", nil, ""},
		{"old place only readable", map[string]error{"/a/events": os.ErrPermission, "/b/events": nil}, "/b", nil, ""},
		{"not mounted", nil, "", os.ErrNotExist, "mount -t tracefs"},
		{"denied", map[string]error{"/a/events": os.ErrPermission}, "", os.ErrPermission, "CAP_DAC_READ_SEARCH"},
		{"denied in debugfs", map[string]error{"/b/events": os.ErrPermission}, "", os.ErrPermission, "root"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tracefs.FindRoot([]string{"/a", "/b"}, func(path string) error {
				if err, ok := tt.files[path]; ok {
					return err
				}
				return os.ErrNotExist
			})
			if got != tt.want || !errors.Is(err, tt.kind) {
				t.Fatalf("got %q, %v; want %q, %v", got, err, tt.want, tt.kind)
			}
			if err != nil && !strings.Contains(err.Error(), tt.advice) {
				t.Errorf("error %q lacks %q", err, tt.advice)
			}
		})
	}
}

// needRoot returns tracefs, or skips the test where it cannot be used.
func needRoot(t *testing.T) string {
	t.Helper()
	root, err := tracefs.Root()
	if err != nil {
		t.Skip(err)
	}
	return root
}

func TestRootLive(t *testing.T) {
	root := needRoot(t)
	if _, err := os.Stat(filepath.Join(root, "trace_pipe")); err != nil {
		t.Error(err)
	}
}
