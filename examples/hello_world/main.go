// Command hello_world prints a line with "Hello, World!" whenever a task, be it a process or a thread, starts another.
//
// It shows the shortest way from C to a running program: a function whose name says where it belongs is attached by
// itself, and what it prints with bpf_trace_printk is read from the kernel's trace pipe. Each line begins with the name
// and the number of the task that started the other. The pipe is the machine's: what others print comes through it too.
//
//	sudo go run ./examples/hello_world
//	sudo go run ./examples/hello_world -kprobe
//	sudo go run ./examples/hello_world -duration 10s
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gobcc/bcc"
)

// onTracepoint is attached to the tracepoint sched:sched_process_fork, which all ways to start a task pass: clone,
// clone3, fork and vfork.
const onTracepoint = `
TRACEPOINT_PROBE(sched, sched_process_fork) {
	bpf_trace_printk("Hello, World!");
	return 0;
}
`

// onKprobe is attached to the kernel function behind the system call clone. It needs a kernel with kprobes.
const onKprobe = `
int kprobe__sys_clone(void *ctx) {
	bpf_trace_printk("Hello, World!");
	return 0;
}
`

func main() {
	duration := flag.Duration("duration", 0, "how long to trace; 0 is until Ctrl-C")
	kprobe := flag.Bool("kprobe", false, "attach to the kernel function of clone(2), not to a tracepoint")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	text := onTracepoint
	if *kprobe {
		text = onKprobe
	}
	// Ctrl-C while the program still compiles is no failure either.
	if err := run(text, *duration); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "hello_world:", err)
		os.Exit(1)
	}
}

func run(text string, duration time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	b, err := bcc.NewContext(ctx, text, nil)
	if err != nil {
		return err
	}
	defer b.Close()

	if duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, duration)
		defer cancel()
	}
	return b.TracePrint(ctx, os.Stdout, nil)
}
