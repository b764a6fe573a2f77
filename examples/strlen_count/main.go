// Command strlen_count counts the strings of which programs ask the C library for the length, and prints them at its end,
// the most frequent ones last.
//
// It shows how to attach to a function of a library, and how to read a table with Go types. The probe slows down every
// call of strlen: without -pid, which traces one process, the whole machine is slower meanwhile.
//
//	sudo go run ./examples/strlen_count -pid 1234
//	sudo go run ./examples/strlen_count -duration 1s
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

//go:embed strlen_count.c
var text string

// key is struct key_t.
type key struct {
	Text [80]byte
}

// String is the text without its end, the first NUL, and what is after it.
func (k key) String() string {
	s, _, _ := bytes.Cut(k.Text[:], []byte{0})
	return string(s)
}

func main() {
	duration := flag.Duration("duration", 0, "how long to trace; 0 is until Ctrl-C")
	pid := flag.Int("pid", 0, "the process to trace; 0 is all")
	flag.Parse()
	if flag.NArg() > 0 || *pid < 0 {
		flag.Usage()
		os.Exit(2)
	}
	// Ctrl-C while the program still compiles is no failure either.
	if err := run(*pid, *duration); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "strlen_count:", err)
		os.Exit(1)
	}
}

func run(pid int, duration time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	b, err := bcc.NewContext(ctx, text, nil)
	if err != nil {
		return err
	}
	defer b.Close()
	counts, err := bcc.TableOf[key, uint64](b, "counts")
	if err != nil {
		return err
	}
	probe, err := b.AttachUprobe("c", "strlen", "count", &bcc.UprobeOptions{PID: pid})
	if err != nil {
		return err
	}

	if duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, duration)
		defer cancel()
	}
	<-ctx.Done()

	// No more calls are counted while the table is read and printed.
	if err := probe.Close(); err != nil {
		return err
	}
	type line struct {
		key   key
		count uint64
	}
	var lines []line
	all := counts.Iterate()
	for k, n := range all.All() {
		lines = append(lines, line{k, n})
	}
	if err := all.Err(); err != nil {
		return err
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(a.count, b.count) })

	fmt.Printf("%10s %s\n", "COUNT", "STRING")
	for _, l := range lines {
		fmt.Printf("%10d %q\n", l.count, l.key.String())
	}
	return nil
}
