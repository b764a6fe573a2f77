// Command sched_switch counts how often each task gives up the processor, by itself or because it must, and prints at its
// end the ten with the most context switches.
//
// It shows a raw tracepoint, which costs less than a tracepoint at an event as frequent as this one, and a table with a
// struct for a key.
//
//	sudo go run ./examples/sched_switch -duration 10s
package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/gobcc/bcc"
)

//go:embed sched_switch.c
var text string

// shown is how many tasks are printed.
const shown = 10

// task is struct key_t.
type task struct {
	PID  uint32 // the number of the thread; 0 is the idle task of each processor
	Comm [16]byte
}

// Name is comm without its end, the first NUL.
func (t task) Name() string {
	name, _, _ := bytes.Cut(t.Comm[:], []byte{0})
	return string(name)
}

func main() {
	duration := flag.Duration("duration", 0, "how long to trace; 0 is until Ctrl-C")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	// Ctrl-C while the program still compiles is no failure either.
	if err := run(*duration); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "sched_switch:", err)
		os.Exit(1)
	}
}

func run(duration time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	b, err := bcc.NewContext(ctx, text, nil)
	if err != nil {
		return err
	}
	defer b.Close()
	counts, err := bcc.TableOf[task, uint64](b, "counts")
	if err != nil {
		return err
	}

	if duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, duration)
		defer cancel()
	}
	<-ctx.Done()

	type line struct {
		task  task
		count uint64
	}
	var lines []line
	all := counts.Iterate()
	for t, n := range all.All() {
		lines = append(lines, line{t, n})
	}
	if err := all.Err(); err != nil {
		return err
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(b.count, a.count) })

	fmt.Printf("%-16s %-7s %s\n", "COMM", "PID", "SWITCHES")
	for _, l := range lines[:min(shown, len(lines))] {
		fmt.Printf("%-16s %-7d %d\n", l.task.Name(), l.task.PID, l.count)
	}
	return nil
}
