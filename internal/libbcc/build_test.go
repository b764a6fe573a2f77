//go:build linux && cgo

package libbcc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobcc/bcc/internal/testutil"
)

// goBuild builds a package of this module.
func goBuild(t *testing.T, env string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"build"}, args...)...)
	cmd.Env = append(os.Environ(), env)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
}

// output runs a program with another PATH.
func output(t *testing.T, path string, env []string, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(append(os.Environ(), "PATH="+path), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %v", cmd, err)
	}
	return string(out)
}

// Programs that cannot be the child: built without cgo, and not Go at all.
func TestNoChild(t *testing.T) {
	testutil.Leaks(t)
	env := fake(t)
	dir, with, without := t.TempDir(), t.TempDir(), t.TempDir()
	plain, shared, foreign := filepath.Join(dir, "plain"), filepath.Join(dir, "shared.so"), filepath.Join(dir, "foreign")
	goBuild(t, "CGO_ENABLED=1", "-o", filepath.Join(with, HelperCommand), "../../cmd/gobcc-compile")
	goBuild(t, "CGO_ENABLED=0", "-o", plain, "./testdata/compiler")
	goBuild(t, "CGO_ENABLED=1", "-buildmode=c-shared", "-o", shared, "./testdata/shared")
	gcc(t, "-Wall", "-o", foreign, "testdata/foreign.c", "-ldl")
	for _, program := range [][]string{{plain, "any"}, {foreign, shared, "any"}} {
		out := output(t, without, env, program[0], program[1:]...)
		if !strings.HasPrefix(out, "ErrNoCompiler: ") || !strings.Contains(out, "go install github.com/gobcc/bcc/cmd/gobcc-compile") {
			t.Errorf("%q: %q", program, out)
		}
		if out := output(t, with, env, program[0], program[1:]...); out != "functions: 1\n" {
			t.Errorf("%q with %s: %q", program, HelperCommand, out)
		}
	}
	if env, err := exec.LookPath("env"); err == nil && exec.Command(env, "--block-signal", "true").Run() == nil {
		if out := output(t, with, fake(t), env, "--block-signal", foreign, shared, "any"); out != "functions: 1\n" {
			t.Errorf("with signals blocked: %q", out)
		}
	}
	// By hand it is of no use.
	if out, err := exec.Command(filepath.Join(with, HelperCommand)).CombinedOutput(); err == nil || !strings.Contains(string(out), "no use by hand") {
		t.Errorf("%s, %v", out, err)
	}
	// What has the name but is not it.
	for script, want := range map[string]string{
		"exit 0":             "", // whether it is seen to have read nothing is chance
		"exit 5":             "exit status 5",
		"head -c 100000 >&3": "the reply is garbage",
	} {
		if err := os.WriteFile(filepath.Join(without, HelperCommand), []byte("#!/bin/sh\nPATH=/usr/bin:/bin\n"+strings.Replace(script, "-c", "/dev/zero -c", 1)+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, program := range [][]string{{plain}, {foreign, shared}} {
			out := output(t, without, env, program[0], append(program[1:], strings.Repeat("long ", 20000))...)
			if !strings.HasPrefix(out, "error: ") || !strings.Contains(out, want) {
				t.Errorf("%q, %s: %q", program, script, out)
			}
		}
	}
}

// An executable that is linked another way is its own child all the same.
func TestPIE(t *testing.T) {
	testutil.Leaks(t)
	program := filepath.Join(t.TempDir(), "pie")
	goBuild(t, "CGO_ENABLED=1", "-buildmode=pie", "-o", program, "./testdata/compiler")
	if out := output(t, t.TempDir(), fake(t), program, "any"); out != "functions: 1\n" {
		t.Errorf("%q", out)
	}
}
