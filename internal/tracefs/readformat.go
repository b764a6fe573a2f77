package tracefs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ReadFormat reads the layout of one of the running kernel's tracepoints. For
// one that is not there the error matches [os.ErrNotExist] and names similar
// ones.
func ReadFormat(category, event string) (*Format, error) {
	name := category + ":" + event
	if !validName(category) || !validName(event) {
		return nil, fmt.Errorf("tracepoint %q: not a category and an event name: %w", name, os.ErrInvalid)
	}
	root, err := Root()
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(root, "events", category, event, "format"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, missing(name)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	format, err := ParseFormat(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return format, nil
}

// missing is the error for a tracepoint that the kernel does not have.
func missing(name string) error {
	text := fmt.Sprintf("tracepoint %q does not exist", name)
	if near := Near(name); len(near) > 0 {
		text += "; similar: " + strings.Join(near, ", ")
	}
	return &hintError{text: text, kind: os.ErrNotExist}
}
