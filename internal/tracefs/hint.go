package tracefs

// hintError says what to do about an error of a known kind. The kind is there
// for errors.Is and kept out of the text, which says it already.
type hintError struct {
	text string
	kind error
}

func (e *hintError) Error() string { return e.text }
func (e *hintError) Unwrap() error { return e.kind }
