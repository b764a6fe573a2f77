package testutil

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func init() {
	helpers["user"] = func(t *testing.T) {
		groups, _ := os.Getgroups()
		fmt.Println("user", os.Getuid(), os.Geteuid(), os.Getgid(), groups)
		t.Run("root", func(t *testing.T) { Root(t); fmt.Println("not skipped") })
		t.Run("netns", func(t *testing.T) { Netns(t); fmt.Println("not skipped") })
		t.Run("kprobes", func(t *testing.T) { t.Setenv("GOBCC_GUEST", "1"); Kprobes(t); Fentry(t); LSM(t) })
	}
}

func TestAsUser(t *testing.T) {
	Leaks(t)
	Root(t)
	cmd := helper("user")
	AsUser(cmd)
	if cmd.SysProcAttr.Credential.NoSetGroups {
		t.Error("the groups of this process stay")
	}
	stdout, stderr, status := run(t, cmd)
	if status != 0 || !strings.HasPrefix(stdout, "user 65534 65534 65534 []\n") || strings.Contains(stdout, "not skipped") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// verdict is what a test did that asked for something.
type verdict struct {
	testing.TB
	text string
}

func (v *verdict) end(kind, text string)         { v.text = kind + ": " + text; runtime.Goexit() }
func (v *verdict) Skip(a ...any)                 { v.end("skip", fmt.Sprint(a...)) }
func (v *verdict) Skipf(format string, a ...any) { v.end("skip", fmt.Sprintf(format, a...)) }
func (v *verdict) Fatal(a ...any)                { v.end("fatal", fmt.Sprint(a...)) }
func (v *verdict) Fatalf(f string, a ...any)     { v.end("fatal", fmt.Sprintf(f, a...)) }

// ask returns how a need ended, "" where it is met.
func ask(t *testing.T, need func(testing.TB)) string {
	v := &verdict{TB: t}
	done := make(chan struct{})
	go func() { defer close(done); need(v) }()
	<-done
	return v.text
}

func TestNeeds(t *testing.T) {
	Leaks(t)
	for name, need := range map[string]func(testing.TB){
		"tracefs": func(t testing.TB) { Tracefs(t) },
		"kprobes": Kprobes, "fentry": Fentry, "lsm": LSM,
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOBCC_GUEST", "")
			here := ask(t, need)
			t.Log("here:", here)
			if here != "" && !strings.HasPrefix(here, "skip: needs root") &&
				(!strings.HasPrefix(here, "skip: ") || !strings.HasSuffix(here, "; run make test-vm")) {
				t.Errorf("outside of the guest: %q", here)
			}
			t.Setenv("GOBCC_GUEST", "1")
			want := "" // met: there as here
			switch {
			case here != "" && os.Geteuid() == 0:
				want = "fatal: "
			case here != "":
				want = "skip: "
			}
			guest := ask(t, need)
			if (guest == "") != (want == "") || !strings.HasPrefix(guest, want) {
				t.Errorf("in the guest: %q, want %q", guest, want)
			}
		})
	}
}

func TestTracefs(t *testing.T) {
	Leaks(t)
	if _, err := os.Stat(filepath.Join(Tracefs(t), "events")); err != nil {
		t.Error(err)
	}
}

func TestBPFLSM(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lsm")
	for list, ok := range map[string]bool{"lockdown,capability,bpf\n": true, "bpf": true, "capability,notbpf": false, "": false} {
		if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := bpfLSM(file); (err == nil) != ok {
			t.Errorf("%q: %v", list, err)
		}
	}
	if bpfLSM(file+".none") == nil {
		t.Error("found in no file")
	}
}

func TestHeaders(t *testing.T) {
	t.Setenv("BCC_KERNEL_SOURCE", "/some/where")
	Headers(t) // must not skip
	t.Setenv("BCC_KERNEL_SOURCE", "")
	if text := ask(t, func(t testing.TB) { Headers(t) }); text != "" && !strings.HasPrefix(text, "skip: no kernel headers") {
		t.Error(text)
	}
}

func TestLibbcc(t *testing.T) {
	Leaks(t)
	f, err := elf.Open(Libbcc(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Type != elf.ET_DYN {
		t.Error(f.Type)
	}
}

func TestPythonBCC(t *testing.T) {
	Leaks(t)
	out, err := command(PythonBCC(t), "-B", "-c", "import bcc; print(bcc.__version__)")
	if err != nil || out == "" {
		t.Error(out, err)
	}
}
