// Package start is the benchmark of a cold start: compile a program, load it, attach it to a tracepoint.
//
// The peers are this library, Python bcc, gobpf, and C with libbcc linked to it. All compile the same text with the same
// libbcc against the same kernel headers; that the kernel gives all of their programs the same tag shows it.
package start

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gobcc/bcc/bench/harness"
)

// Name is the benchmark's name in commands and documents.
const Name = "start"

// programs are the texts in start/programs, and how much more than C with libbcc this library may take.
var programs = []struct {
	name string
	max  float64
}{{"hello", 1.12}, {"tool", 1.03}}

// Cases builds the peers into dir. root is the folder of the module bench.
func Cases(ctx context.Context, root, dir string) []harness.Case {
	here := filepath.Join(root, "start")
	peers := []harness.Peer{
		build(ctx, "gobcc", here, dir, "go", "build", "-o", filepath.Join(dir, "gobcc"), "./gobcc"),
		python(here),
		build(ctx, "gobpf", here, dir, "go", "build", "-o", filepath.Join(dir, "gobpf"), "./gobpf"),
		build(ctx, "c", here, dir, "gcc", "-O2", "-Wall", "-Wextra", "-o", filepath.Join(dir, "c"), "c/peer.c", "-lbcc"),
	}
	var cases []harness.Case
	for _, p := range programs {
		source := filepath.Join(here, "programs", p.name+".c")
		c := harness.Case{Bench: Name, Name: p.name, Bases: []string{"python", "c"}, Evidence: attached,
			Targets: []harness.Target{
				{Metric: harness.CPU, Peer: "gobcc", Base: "c", Max: p.max},
				{Metric: harness.CPU, Peer: "gobcc", Base: "python", Max: 1},
				{Metric: harness.RSS, Peer: "gobcc", Base: "python", Max: 0.1},
			}}
		for _, peer := range peers {
			peer.Command = append(peer.Command[:len(peer.Command):len(peer.Command)], source)
			c.Peers = append(c.Peers, peer)
		}
		cases = append(cases, c)
	}
	return cases
}

func build(ctx context.Context, name, here, dir string, command ...string) harness.Peer {
	p := harness.Peer{Name: name, Command: []string{filepath.Join(dir, name)}}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = here
	if out, err := cmd.CombinedOutput(); err != nil {
		p.Err = fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, strings.TrimSpace(string(out)))
	}
	return p
}

// python is the system's own: the package bcc is installed for no other.
func python(here string) harness.Peer {
	const interpreter = "/usr/bin/python3"
	p := harness.Peer{Name: "python", Command: []string{interpreter, filepath.Join(here, "peer.py")}}
	if out, err := exec.Command(interpreter, "-c", "import bcc").CombinedOutput(); err != nil {
		p.Err = fmt.Errorf("import bcc: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return p
}

// Notes say what the peers have in common.
func Notes() string {
	headers := os.Getenv("BCC_KERNEL_SOURCE")
	if headers == "" {
		headers = "the running kernel's"
	}
	return fmt.Sprintf("headers %s, %s", filepath.Base(headers), library())
}

// library is the version of libbcc, from the name of its file.
func library() string {
	for _, pattern := range []string{"/usr/lib/*/libbcc.so.0", "/usr/lib*/libbcc.so.0"} {
		found, _ := filepath.Glob(pattern)
		for _, f := range found {
			if real, err := filepath.EvalSymlinks(f); err == nil {
				return filepath.Base(real)
			}
		}
	}
	return "libbcc.so.0"
}
