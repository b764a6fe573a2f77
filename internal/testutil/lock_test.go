package testutil

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func init() {
	helpers["lock"] = func(t *testing.T) {
		Lock(t, "shared")
		fmt.Println("locked")
		bufio.NewReader(os.Stdin).ReadString('\n')
	}
	helpers["count"] = func(t *testing.T) {
		for range rounds {
			t.Run("", func(t *testing.T) {
				Lock(t, "counter")
				count(t, os.Getenv("COUNTER"))
			})
		}
	}
}

const rounds = 50

// private moves the folder of the locks to where nobody else has any.
func private(t *testing.T) (dir string) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	return filepath.Join(tmp, "gobcc-test-locks")
}

func TestLockBlocksOtherProcesses(t *testing.T) {
	Leaks(t)
	dir := private(t)
	cmd := helper("lock")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "locked\n" {
		t.Fatalf("%q, %v", line, err)
	}
	var released atomic.Bool
	go func() {
		time.Sleep(200 * time.Millisecond)
		released.Store(true)
		stdin.Close()
	}()
	t.Run("other", func(t *testing.T) {
		Lock(t, "another name")
		if released.Load() {
			t.Error("waited for a lock of another name")
		}
	})
	t.Run("same", func(t *testing.T) {
		Lock(t, "shared")
		if !released.Load() {
			t.Error("did not wait")
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Error(info, err)
		}
	})
	cmd.Wait()
	if _, err := os.Lstat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// Several processes come and go, so that most locks are taken while the file is being removed.
func TestLockExcludes(t *testing.T) {
	dir := private(t)
	counter := filepath.Join(t.TempDir(), "counter")
	if err := os.WriteFile(counter, []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	const processes = 4
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			cmd := helper("count")
			cmd.Env = append(cmd.Env, "COUNTER="+counter)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if n, _ := os.ReadFile(counter); string(n) != strconv.Itoa(processes*rounds) {
		t.Errorf("counted to %s, want %d", n, processes*rounds)
	}
	if _, err := os.Lstat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// count adds one as slowly as it takes for others to come in between.
func count(t *testing.T, path string) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(string(b))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Millisecond)
	if err := os.WriteFile(path, []byte(strconv.Itoa(n+1)), 0o600); err != nil {
		t.Fatal(err)
	}
}
