package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/examples/internal/exampletest"
	"github.com/gobcc/bcc/internal/testutil"
)

func TestMain(m *testing.M) {
	exampletest.Main(main)
	testutil.KernelMain(m)
}

func TestSchedSwitch(t *testing.T) {
	t.Run("usage", func(t *testing.T) { exampletest.TestUsage(t) })
	t.Run("SIGINT", func(t *testing.T) {
		needs(t)
		p := exampletest.Start(t)
		p.WaitAttached()
		name, tid := switchOften(t)
		p.Signal(os.Interrupt)
		stdout, stderr := p.WaitEnd(0)
		if n := parse(t, stdout)[name+" "+strconv.Itoa(tid)]; n < switches || stderr != "" {
			t.Errorf("task %s, number %d: %d switches, want at least %d; stderr %q:\n%s", name, tid, n, switches, stderr, stdout)
		}
	})
	t.Run("duration", func(t *testing.T) {
		needs(t)
		const duration = time.Second
		p, start := exampletest.Start(t, "-duration", duration.String()), time.Now()
		stdout, stderr := p.WaitEnd(0)
		if counts := parse(t, stdout); len(counts) == 0 || stderr != "" {
			t.Errorf("stdout %q, stderr %q; want counts and no error", stdout, stderr)
		}
		if took := time.Since(start); took < duration {
			t.Errorf("ended after %v, want at least %v", took, duration)
		}
	})
}

func needs(t *testing.T) {
	testutil.Root(t)
	testutil.Libbcc(t)
	testutil.Headers(t)
}

var row = regexp.MustCompile(`^(.{1,15}?) +(\d+) +(\d+)$`)

// parse reads the table, by "name number", and checks its order and length.
func parse(t *testing.T, stdout string) map[string]int {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if lines[0] != "COMM             PID     SWITCHES" {
		t.Fatalf("first line %q:\n%s", lines[0], stdout)
	}
	counts := map[string]int{}
	var order []int
	for _, line := range lines[1:] {
		m := row.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("line %q:\n%s", line, stdout)
		}
		n, _ := strconv.Atoi(m[3])
		counts[m[1]+" "+m[2]] = n
		order = append(order, -n)
	}
	if !slices.IsSorted(order) || len(order) > shown {
		t.Errorf("not in order, or more than %d:\n%s", shown, stdout)
	}
	return counts
}

// switches is how often the test's thread gives up its processor: more often than what else runs meanwhile.
const switches = 50_000

// switchOften makes two threads wait for each other all the time, and returns the name and the number of one of them.
func switchOften(t *testing.T) (name string, tid int) {
	t.Helper()
	var ping, pong [2]int
	for _, pipe := range []*[2]int{&ping, &pong} {
		if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		defer unix.Close(pipe[0])
	}
	name = fmt.Sprintf("gobcc %d", os.Getpid()%1_000_000)
	ended := make(chan error, 2)
	go func() { // never unlocked: the thread ends with the goroutine, and with it what was changed about it
		runtime.LockOSThread()
		tid = unix.Gettid()
		ended <- errors.Join(prepare(name), relay(ping[1], pong[0], true))
	}()
	go func() {
		runtime.LockOSThread()
		ended <- errors.Join(prepare("gobcc other"), relay(pong[1], ping[0], false))
	}()
	if err := errors.Join(<-ended, <-ended); err != nil {
		t.Fatal(err)
	}
	return name, tid
}

// prepare names the thread and puts it on the same processor as the other: one can only run when the other does not.
func prepare(name string) error {
	b := append([]byte(name), 0)
	if err := unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&b[0])), 0, 0, 0); err != nil {
		return err
	}
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return err
	}
	cpu := 0
	for !all.IsSet(cpu) {
		cpu++
	}
	one.Set(cpu)
	return unix.SchedSetaffinity(0, &one)
}

// relay writes a byte for each that it reads, and begins with the one or the other. It closes to, which ends the other
// should this one fail.
func relay(to, from int, begin bool) error {
	defer unix.Close(to)
	b := make([]byte, 1)
	for range switches {
		if begin {
			if _, err := unix.Write(to, b); err != nil {
				return err
			}
		}
		if n, err := unix.Read(from, b); n != 1 {
			return fmt.Errorf("read %d bytes: %v", n, err)
		}
		if !begin {
			if _, err := unix.Write(to, b); err != nil {
				return err
			}
		}
	}
	return nil
}
