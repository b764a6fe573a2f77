// Command urandomread prints a line for each read of /dev/urandom: when, by which task, and how many random bits it got.
//
// It shows how a program reads a tracepoint's arguments: TRACEPOINT_PROBE gives it args, with the fields that
// /sys/kernel/tracing/events/random/urandom_read/format lists. Linux 5.18 removed this tracepoint, and so did updates of
// older kernels; there the command says so and ends with status 1.
//
//	sudo go run ./examples/urandomread
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

const text = `
TRACEPOINT_PROBE(random, urandom_read) {
	bpf_trace_printk("%d", args->got_bits);
	return 0;
}
`

func main() {
	duration := flag.Duration("duration", 0, "how long to trace; 0 is until Ctrl-C")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	// Ctrl-C while the program still compiles is no failure either.
	if err := run(*duration); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "urandomread:", err)
		os.Exit(1)
	}
}

func run(duration time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	// The compiler would only complain that it does not know the type of args.
	if !bcc.TracepointExists("random", "urandom_read") {
		return errors.New("no tracepoint random:urandom_read: Linux 5.18 removed it, or tracefs is not mounted or not readable")
	}
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
	fmt.Printf("%-18s %-16s %-6s %s\n", "TIME(s)", "COMM", "PID", "GOTBITS")
	return b.TracePrint(ctx, os.Stdout, func(e bcc.TraceEvent) string {
		return fmt.Sprintf("%-18.9f %-16s %-6d %s", e.Timestamp.Seconds(), e.Task, e.PID, e.Message)
	})
}
