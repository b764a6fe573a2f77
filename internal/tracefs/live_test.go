package tracefs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/tracefs"
)

// instance makes a trace instance: a trace_pipe and a trace_marker of the
// test's own, which take nothing away from others.
func instance(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(needRoot(t), "instances", fmt.Sprintf("bccgo_test_%d_%d", os.Getpid(), time.Now().UnixNano()))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Skip("no trace instance: ", err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// openLive opens the trace_pipe of the folder. The clean-up comes before the
// instance's, which cannot be removed while open.
func openLive(t *testing.T, dir string) *tracefs.Pipe {
	t.Helper()
	p, err := tracefs.OpenPipeAt(filepath.Join(dir, "trace_pipe"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// mark writes to trace_marker.
func mark(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "trace_marker"), []byte(text), 0); err != nil {
		t.Error(err)
	}
}

// readMessage reads lines until one has the token.
func readMessage(ctx context.Context, p *tracefs.Pipe, token string) (tracefs.Line, error) {
	for {
		text, err := p.ReadLine(ctx)
		if err != nil {
			return tracefs.Line{}, err
		}
		if line, err := tracefs.ParseLine(text); err == nil && strings.Contains(line.Message, token) {
			return line, nil
		}
	}
}

// TestOpenPipe uses the machine's own trace_pipe.
func TestOpenPipe(t *testing.T) {
	root := needRoot(t)
	p, err := tracefs.OpenPipe()
	for deadline := time.Now().Add(5 * time.Second); errors.Is(err, unix.EBUSY) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
		p, err = tracefs.OpenPipe()
	}
	if errors.Is(err, unix.EBUSY) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	token := fmt.Sprintf("token-%d-%d", os.Getpid(), time.Now().UnixNano())
	time.AfterFunc(20*time.Millisecond, func() { mark(t, root, token+": hello\n") })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	line, err := readMessage(ctx, p, token)
	if err != nil {
		t.Fatal(err)
	}
	if line.Message != token+": hello" || line.Function != marker || line.PID == 0 || line.Timestamp == 0 {
		t.Errorf("%+v", line)
	}
}

// TestPipeLive checks that each write wakes the reader.
func TestPipeLive(t *testing.T) {
	dir := instance(t)
	p := openLive(t, dir)
	for i := range 20 {
		text := fmt.Sprintf("message %d", i)
		var wg sync.WaitGroup
		wg.Go(func() {
			// Longer and longer, so that the reader waits.
			time.Sleep(time.Duration(i) * time.Millisecond)
			mark(t, dir, text+"\n")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		line, err := readMessage(ctx, p, text)
		cancel()
		wg.Wait() // an instance with an open trace_marker cannot be removed
		if err != nil || line.Message != text {
			t.Fatalf("%+v, %v; want %q", line, err, text)
		}
	}
}

func TestPipeLiveClose(t *testing.T) {
	p := openLive(t, instance(t))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got, err := p.ReadLine(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %q, %v", got, err)
	}
	time.AfterFunc(20*time.Millisecond, func() { p.Close() })
	if got, err := p.ReadLine(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPipeLiveBusy(t *testing.T) {
	dir := instance(t)
	openLive(t, dir)
	p, err := tracefs.OpenPipeAt(filepath.Join(dir, "trace_pipe"))
	if err == nil {
		p.Close()
		t.Skip("this kernel lets many read")
	}
	if !errors.Is(err, unix.EBUSY) {
		t.Error(err)
	}
}

// TestLiveOptions reads lines with the trace options that change their form.
func TestLiveOptions(t *testing.T) {
	dir := instance(t)
	set := func(file, value string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0); err != nil {
			t.Error(err)
		}
	}
	defer set("options/record-tgid", "0")
	for _, clock := range []string{"local", "global", "counter", "uptime", "mono", "boot"} {
		// The form of the timestamp is settled when trace_pipe is opened.
		set("trace_clock", clock)
		p := openLive(t, dir)
		for _, options := range []string{"00", "01", "10", "11"} {
			tgid, irq := options[:1], options[1:]
			set("options/record-tgid", tgid)
			set("options/irq-info", irq)
			text := "with " + clock + options
			mark(t, dir, text)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			line, err := readMessage(ctx, p, text)
			cancel()
			ticks := clock == "counter" || clock == "uptime"
			if err != nil || line.Function != marker || line.Ticks != ticks || (line.Flags != "") != (irq == "1") {
				t.Errorf("%s: %+v, %v", text, line, err)
			}
		}
		p.Close()
	}
}
