package bcc_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gobcc/bcc"
)

// A function whose name says where it belongs is attached by New.
func Example() {
	b, err := bcc.New(`
TRACEPOINT_PROBE(sched, sched_process_fork) {
	bpf_trace_printk("child %d\n", args->child_pid);
	return 0;
}`, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := b.TracePrint(ctx, os.Stdout, nil); err != nil {
		log.Fatal(err)
	}
}

// Counting the calls of a library's function by process.
func ExampleBPF_AttachUprobe() {
	b, err := bcc.New(`
BPF_HASH(counts, u32, u64);
int count(void *ctx) {
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	counts.increment(pid);
	return 0;
}`, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	if _, err := b.AttachUprobe("c", "malloc", "count", nil); err != nil {
		log.Fatal(err)
	}
	time.Sleep(time.Second)

	counts, err := bcc.TableOf[uint32, uint64](b, "counts")
	if err != nil {
		log.Fatal(err)
	}
	it := counts.Iterate()
	for pid, n := range it.All() {
		fmt.Printf("%6d %d\n", pid, n)
	}
	if err := it.Err(); err != nil {
		log.Fatal(err)
	}
}

// What the compiler has to say, line by line.
func ExampleCompile() {
	_, err := bcc.Compile(context.Background(), "int f(void *ctx) {\n\treturn nothing;\n}", nil)
	var refused *bcc.CompileError
	if errors.As(err, &refused) {
		for _, d := range refused.Diagnostics {
			fmt.Printf("line %d, column %d: %s\n", d.Line, d.Column, d.Message)
		}
	}
}

// Events of the trace pipe as values.
func ExampleBPF_TraceEvents() {
	b, err := bcc.New(`RAW_TRACEPOINT_PROBE(sched_process_exec) { bpf_trace_printk("exec\n"); return 0; }`, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for e, err := range b.TraceEvents(ctx) {
		if err != nil {
			break // ctx has ended, or b was closed
		}
		fmt.Println(e.Timestamp, e.Task, e.PID, e.Message)
	}
}
