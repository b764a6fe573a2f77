package testutil

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// processes adds the children, ended ones that nobody waited for included, and what they started in turn.
func (s snapshot) processes() {
	self := readStat("self")
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		p := readStat(e.Name())
		kind := "child process "
		if p.parent != os.Getpid() {
			if p.start < self.start || !marked(e.Name()) {
				continue
			}
			kind = "descendant process "
		}
		cmdline, _ := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		command := strings.TrimSpace(strings.ReplaceAll(string(cmdline), "\x00", " "))
		if command == "" {
			command = "(" + p.comm + ")"
		}
		if p.state == "Z" {
			command += ", ended but not waited for"
		}
		key := "process " + e.Name() + " " + strconv.FormatUint(p.start, 10)
		s[key] = kind + e.Name() + ": " + command
	}
}

// stat is what is needed of a /proc/PID/stat.
type stat struct {
	comm, state string
	parent      int
	start       uint64 // clock ticks since boot
	size        uint64 // of its memory, 0 for ended processes and for threads of the kernel
}

func readStat(pid string) stat {
	line, _ := os.ReadFile("/proc/" + pid + "/stat")
	return parseStat(string(line))
}

// parseStat reads a line in which the command may hold spaces and parentheses.
func parseStat(line string) (s stat) {
	open, end := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return stat{}
	}
	f := strings.Fields(line[end+1:])
	if len(f) < 21 {
		return stat{}
	}
	s.comm, s.state = line[open+1:end], f[0]
	s.parent, _ = strconv.Atoi(f[1])
	s.start, _ = strconv.ParseUint(f[19], 10, 64)
	s.size, _ = strconv.ParseUint(f[20], 10, 64)
	return s
}

// marked tells whether a process has our mark in its environment. That is empty for a moment during execve.
func marked(pid string) bool {
	if mark == "" {
		return false
	}
	for range 50 {
		environ, err := os.ReadFile("/proc/" + pid + "/environ")
		if err != nil || len(environ) > 0 {
			return slices.Contains(strings.Split(string(environ), "\x00"), mark)
		}
		if readStat(pid).size == 0 {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return false
}
