package libbcc

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestEnding(t *testing.T) {
	exit := &exec.ExitError{}
	tests := []struct {
		name      string
		wait, say error
		want      string // "": no error
		matches   error
	}{
		{"all is well", nil, nil, "", nil},
		{"it ended early", exit, io.EOF, "ended early: ", exit},
		{"it ended early after its answer", exit, nil, "ended early: ", exit},
		{"how it ended says more than what it said", fmt.Errorf("wait: %w", exit), errGarbage, "ended early: wait: ", exit},
		{"it went without a word", nil, io.EOF, "ended without an answer", nil},
		{"it went without a word, and left a pipe open", exec.ErrWaitDelay, io.EOF, "ended without an answer", nil},
		{"it left a pipe open", exec.ErrWaitDelay, nil, exec.ErrWaitDelay.Error(), exec.ErrWaitDelay},
		{"garbage", nil, errGarbage, errGarbage.Error(), errGarbage},
		{"half an answer", nil, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF.Error(), io.ErrUnexpectedEOF},
		{"it does not listen", nil, unix.EPIPE, unix.EPIPE.Error(), unix.EPIPE},
	}
	for _, tt := range tests {
		err := ending(tt.wait, tt.say)
		switch {
		case tt.want == "":
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		case err == nil || !strings.HasPrefix(err.Error(), tt.want) || tt.matches != nil && !errors.Is(err, tt.matches):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestChildErrorText(t *testing.T) {
	reason := errors.New("ended early: exit status 122")
	for output, want := range map[string]string{
		"":                     "compile child: ended early: exit status 122",
		" \n":                  "compile child: ended early: exit status 122",
		"\nLLVM ERROR: oops\n": "compile child: ended early: exit status 122: LLVM ERROR: oops",
	} {
		err := &ChildError{Err: reason, Output: output}
		if err.Error() != want || !errors.Is(err, reason) {
			t.Errorf("output %q: %q, want %q", output, err, want)
		}
	}
}
