package bcc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gobcc/bcc"
	"github.com/gobcc/bcc/internal/testutil"
)

const printPgid = `
TRACEPOINT_PROBE(syscalls, sys_enter_getpgid) {
  if (bpf_get_current_pid_tgid() >> 32 == SELF) bpf_trace_printk("call of %d\n", SELF);
  return 0;
}`

// tracing makes events of our own, in the background, until the test ends.
func tracing(t *testing.T) (*bcc.BPF, context.Context) {
	testutil.Root(t)
	testutil.Tracefs(t)
	testutil.Headers(t)
	testutil.Lock(t, "trace_pipe")
	b := mustNew(t, printPgid, &bcc.Options{CFlags: []string{fmt.Sprintf("-DSELF=%d", os.Getpid())}})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				callGetpgid(1)
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-stopped })
	return b, ctx
}

func TestTraceFields(t *testing.T) {
	b, ctx := tracing(t)
	want := fmt.Sprintf("call of %d", os.Getpid())
	for e, err := range b.TraceEvents(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Message != want {
			continue // of another program
		}
		// The task is a thread of ours; Go's have the name of the program.
		if e.PID == 0 || e.Timestamp <= 0 || e.CPU < 0 || e.Task == "" || e.Flags == "" {
			t.Errorf("%+v", e)
		}
		return
	}
	t.Fatal("the events ended")
}

func TestTraceReadLine(t *testing.T) {
	b, ctx := tracing(t)
	for {
		line, err := b.TraceReadLine(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(line, fmt.Sprintf("bpf_trace_printk: call of %d", os.Getpid())) {
			return
		}
	}
}

func TestTracePrint(t *testing.T) {
	b, ctx := tracing(t)
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var out bytes.Buffer
	err := b.TracePrint(ctx, &out, func(e bcc.TraceEvent) string { return "<" + e.Message + ">" })
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("<call of %d>\n", os.Getpid()); strings.Count(out.String(), want) < 5 {
		t.Errorf("printed %q", out.String())
	}
}

// Close ends a read that waits.
func TestTraceClose(t *testing.T) {
	testutil.Root(t)
	testutil.Tracefs(t)
	testutil.Headers(t)
	testutil.Lock(t, "trace_pipe")
	b := mustNew(t, "int f(void *ctx) { return 0; }", nil)
	ended := make(chan error)
	go func() {
		for {
			if _, err := b.TraceReadLine(context.Background()); err != nil {
				ended <- err
				return
			}
		}
	}()
	time.Sleep(50 * time.Millisecond)
	b.Close()
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}
