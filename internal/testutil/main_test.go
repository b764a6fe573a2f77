package testutil

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"
)

// helpers are what this executable does instead of its tests, in TestHelper, where the environment names one.
var helpers = map[string]func(t *testing.T){}

const helperEnv = "GOBCC_TESTUTIL_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperEnv) != "" {
		patience = 500 * time.Millisecond
	}
	Main(m)
}

func TestHelper(t *testing.T) {
	name := os.Getenv(helperEnv)
	if name == "" {
		t.Skip("runs for other tests")
	}
	helpers[name](t)
}

// helper makes a command of this executable that runs one of helpers.
func helper(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", append([]string{"-test.run=^TestHelper$"}, args...)...)
	cmd.Env = append(os.Environ(), helperEnv+"="+name)
	return cmd
}

// run returns what a command printed, and its status.
func run(t *testing.T, cmd *exec.Cmd) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second // helpers may leave processes that hold the pipes
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
