package testutil

import (
	"cmp"
	"os"
	"runtime"
	"slices"
	"strings"
)

// snapshot is what the process holds at one time: its name, by which it is known again, and how to tell people of it.
type snapshot map[string]string

// leak is one thing of a snapshot.
type leak struct{ key, text string }

func take() snapshot {
	s := snapshot{}
	s.descriptors()
	s.mappings()
	s.processes()
	s.goroutines()
	return s
}

// since returns what is new, in a fixed order.
func (s snapshot) since(before snapshot) []leak {
	var n []leak
	for key, text := range s {
		if _, ok := before[key]; !ok {
			n = append(n, leak{key, text})
		}
	}
	slices.SortFunc(n, func(a, b leak) int { return cmp.Compare(a.key, b.key) })
	return n
}

// descriptors adds the open file descriptors. One that was closed and whose number has another file now is a new one.
func (s snapshot) descriptors() {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		link, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil {
			continue // closed since, as the one that ReadDir used
		}
		text := "file descriptor " + e.Name() + ": " + link
		if strings.HasPrefix(link, "anon_inode:") {
			if object := bpfObject(e.Name()); object != "" {
				text += ": " + object
			}
		}
		s[text] = text
	}
}

// mappings adds the buffers shared with the kernel: of perf events, of BPF maps, and memory files.
func (s snapshot) mappings() {
	maps, _ := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, "anon_inode:") || strings.Contains(line, "/memfd:") {
			text := "memory mapping " + strings.Join(strings.Fields(line), " ")
			s[text] = text
		}
	}
}

// goroutines adds the goroutines with their stacks. The runtime leaves its own out.
func (s snapshot) goroutines() {
	buf := make([]byte, 64<<10)
	n := runtime.Stack(buf, true)
	for n == len(buf) {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	for stack := range strings.SplitSeq(strings.TrimSpace(string(buf[:n])), "\n\n") {
		// signal.Notify starts this one once and for all.
		if strings.Contains(stack, "os/signal.loop") {
			continue
		}
		id, _, _ := strings.Cut(stack, " [")
		s[id] = stack
	}
}
