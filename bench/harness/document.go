package harness

import (
	"fmt"
	"os"
	"strings"
)

// Replace puts text into a document between the lines "<!-- bench:NAME -->" and "<!-- /bench:NAME -->".
func Replace(document, name, text string) (string, error) {
	first, last := fmt.Sprintf("<!-- bench:%s -->\n", name), fmt.Sprintf("<!-- /bench:%s -->", name)
	before, rest, ok := strings.Cut(document, first)
	if !ok {
		return "", fmt.Errorf("no line %q", strings.TrimSpace(first))
	}
	_, after, ok := strings.Cut(rest, last)
	if !ok {
		return "", fmt.Errorf("no line %q", last)
	}
	return before + first + "\n" + strings.TrimSpace(text) + "\n\n" + last + after, nil
}

// ReplaceFile is [Replace] in a file.
func ReplaceFile(path, name, text string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s, err := Replace(string(b), name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(s), 0o644)
}
