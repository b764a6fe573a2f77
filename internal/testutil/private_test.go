package testutil

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestNetns(t *testing.T) {
	Root(t)
	Leaks(t)
	before := threadNetns(t)
	t.Run("inside", func(t *testing.T) {
		Netns(t)
		if threadNetns(t) == before {
			t.Fatal("still in the old namespace")
		}
		devices, err := net.Interfaces()
		if err != nil || len(devices) != 1 || devices[0].Name != "lo" || devices[0].Flags&net.FlagUp == 0 {
			t.Fatal(devices, err)
		}
		talk(t)
		out, err := exec.Command("readlink", "/proc/self/ns/net").Output()
		if err != nil || strings.TrimSpace(string(out)) != threadNetns(t) {
			t.Errorf("a child is in %s, %v", out, err)
		}
	})
	if threadNetns(t) != before {
		t.Error("this goroutine was moved")
	}
	threads, err := filepath.Glob("/proc/self/task/*/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range threads {
		if ns, err := os.Readlink(path); err == nil && ns != before {
			t.Errorf("%s is in %s, want %s", path, ns, before)
		}
	}
}

// talk sends a message over lo, which nothing crosses while it is down.
func talk(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if _, err := server.WriteTo([]byte("hello"), server.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	server.SetDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 16)
	if n, _, err := server.ReadFrom(buf); string(buf[:n]) != "hello" {
		t.Error(n, err)
	}
}

func threadNetns(t *testing.T) string {
	t.Helper()
	ns, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	return ns
}

func TestBPFFS(t *testing.T) {
	Root(t)
	Leaks(t)
	var dir string
	var inside *os.File // somebody in it does not keep it
	t.Cleanup(func() { inside.Close() })
	t.Run("mounted", func(t *testing.T) {
		dir = BPFFS(t)
		var fs unix.Statfs_t
		if err := unix.Statfs(dir, &fs); err != nil || fs.Type != unix.BPF_FS_MAGIC {
			t.Fatal(fs.Type, err)
		}
		if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
			t.Error(err)
		}
		if entries, err := os.ReadDir("/sys/fs/bpf"); err == nil {
			for _, e := range entries {
				if e.Name() == "folder" {
					t.Error("it is the machine's bpffs")
				}
			}
		}
		var err error
		if inside, err = os.Open(dir); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := os.Lstat(dir); !os.IsNotExist(err) {
		t.Error("the folder stayed:", err)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), dir) {
		t.Error("the mount stayed")
	}
}
