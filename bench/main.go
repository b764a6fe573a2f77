// Command bench compares this library with others that do the same.
//
//	make bench
//	scripts/with-headers go run -C bench . [flags]
//
// docs/BENCHMARKS.md says what is measured, and has the figures.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"syscall"
	"time"

	"github.com/gobcc/bcc/bench/harness"
	"github.com/gobcc/bcc/bench/start"
)

// options are the command's flags.
type options struct {
	rounds int
	only   *regexp.Regexp
	json   bool
	write  string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	var o options
	flag.IntVar(&o.rounds, "rounds", 7, "how often each peer runs")
	only := flag.String("only", "", "run only those whose start/CASE/PEER matches this regular expression")
	flag.BoolVar(&o.json, "json", false, "print a line of JSON a peer, with all samples, not tables")
	flag.StringVar(&o.write, "write", "", "put the tables into this document, between its <!-- bench:start --> lines")
	flag.Parse()
	var err error
	if o.only, err = regexp.Compile(*only); err == nil {
		err = o.check()
	}
	if err != nil {
		log.Print(err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.run(ctx); err != nil {
		log.Fatal(err)
	}
}

func (o *options) check() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("takes no arguments, only flags: %q", flag.Args())
	case o.rounds < 1:
		return errors.New("-rounds must be at least 1")
	case o.json && o.write != "":
		return errors.New("-json and -write exclude each other")
	}
	return nil
}

func (o *options) run(ctx context.Context) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := os.Stat("start/programs"); err != nil {
		return fmt.Errorf("not in the folder bench (go run -C bench .): %w", err)
	}
	dir, err := os.MkdirTemp("", "gobcc-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	before := harness.Load()
	cases := o.chosen(start.Cases(ctx, root, dir))
	if len(cases) == 0 {
		return errors.New("-only leaves nothing to run")
	}
	var out bytes.Buffer
	for _, c := range cases {
		r, err := harness.Run(ctx, c, o.rounds, os.Stderr)
		if err != nil {
			return err
		}
		if !o.json {
			r.WriteTable(&out)
		} else if err := r.WriteJSON(os.Stdout); err != nil {
			return err
		}
	}
	if o.json {
		return nil
	}
	fmt.Fprintf(&out, "%s: %s; %s; %d rounds; load average %s before, %s after.\n", time.Now().UTC().Format(time.DateOnly),
		harness.Machine(), start.Notes(), o.rounds, before, harness.Load())
	if o.write != "" {
		return harness.ReplaceFile(o.write, start.Name, out.String())
	}
	_, err = io.Copy(os.Stdout, &out)
	return err
}

// chosen leaves out the peers that -only does not name.
func (o *options) chosen(cases []harness.Case) []harness.Case {
	for i := range cases {
		c := &cases[i]
		c.Peers = slices.DeleteFunc(c.Peers, func(p harness.Peer) bool {
			return !o.only.MatchString(c.Bench + "/" + c.Name + "/" + p.Name)
		})
	}
	return slices.DeleteFunc(cases, func(c harness.Case) bool { return len(c.Peers) == 0 })
}
