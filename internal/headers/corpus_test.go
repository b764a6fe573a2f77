package headers

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sample are scripts of BCC whose programs are compiled in every test run: of each kind some.
var sample = []string{"biolatency", "biosnoop", "dcsnoop", "execsnoop", "filetop", "offcputime", "opensnoop", "runqlat", "tcplife",
	"tcpstates", "syscount", "mountsnoop"}

// TestCorpus compiles programs of BCC's own tools against nothing but trees made for them. With GOBCC_CORPUS=all it
// takes all tools; with a folder, what corpus/extract.py left there.
func TestCorpus(t *testing.T) {
	dir, which := os.Getenv("GOBCC_CORPUS"), sample
	if dir == "" || dir == "all" {
		if dir == "all" {
			which = nil
		}
		dir = extract(t, which)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.c"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no programs in ", dir, err)
	}
	t.Logf("%d programs", len(files))
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".c"), func(t *testing.T) {
			t.Parallel()
			source, flags := corpusProgram(t, path)
			complaints, tree := compile(t, &Request{Source: source, CFlags: flags})
			if strings.HasPrefix(complaints, "failed") {
				if why := excused(complaints, tree); why != "" {
					t.Skip(why)
				}
				t.Errorf("%s", complaints)
			} else if complaints != "" && testing.Verbose() {
				t.Logf("%s", complaints)
			}
		})
	}
}

// extract runs the scripts up to where they would compile.
func extract(t *testing.T, which []string) string {
	if os.Geteuid() != 0 {
		t.Skip("needs root: BCC's scripts look into tracefs")
	}
	if exec.Command("/usr/bin/python3", "-c", "import bcc").Run() != nil {
		t.Skip("python3-bpfcc is not installed")
	}
	if _, err := os.Stat("/usr/sbin/opensnoop-bpfcc"); err != nil {
		t.Skip("bpfcc-tools is not installed")
	}
	dir := t.TempDir()
	args := []string{"corpus/extract.py", dir}
	if which != nil {
		args = append([]string{"corpus/extract.py", "--first", dir}, which...)
	}
	out, err := exec.Command("/usr/bin/python3", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// corpusProgram reads what extract.py wrote: the flags, the command, and the text.
func corpusProgram(t *testing.T, path string) (source string, flags []string) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitN(string(b), "\n", 3)
	if err := json.Unmarshal([]byte(strings.TrimPrefix(lines[0], "// ")), &flags); err != nil {
		t.Fatal(err)
	}
	return lines[2], flags
}

// excused says why a program cannot compile on this kernel, whatever headers there are.
func excused(complaints string, tree *Tree) string {
	for _, tag := range tree.Unknown {
		if strings.Contains(complaints, "incomplete definition of type '"+tag+"'") {
			return "this kernel has no " + tag
		}
	}
	for text, why := range excuses {
		if strings.Contains(complaints, text) {
			return why
		}
	}
	return ""
}

// excuses are what the compiler says of programs that are wrong themselves, here or everywhere.
var excuses = map[string]string{
	"incomplete definition of type 'struct tracepoint__": "this kernel has no such tracepoint",
	"bpf_table mount_ns_set failed to open":              "it wants a map that somebody has pinned",
	"bpf_table cgroupset failed to open":                 "it wants a map that somebody has pinned",
	"no member named 'cpu' in 'struct task_struct'":      "task_struct lost the member in Linux 5.16",
	"use of undeclared identifier 'NFPROTO_DECNET'":      "Linux 6.1 lost the protocol",
	"conflicting types for 'should_fail_bio_entry'":      "inject bio is wrong in BCC 0.26",
	"aka 'unsigned long long') is not a structure":       "exitsnoop --timespec is for kernels before 3.17",
	"use of undeclared identifier 'ns'":                  "argdist's example is no C",
}
