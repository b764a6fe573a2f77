package tracefs

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// formatMax bounds a format file. The longest of a current kernel, with its
// print expression, are some tens of kilobytes.
const formatMax = 1 << 20

// Format is the layout of a tracepoint's record.
type Format struct {
	Name   string  // event name, without the category
	ID     int     // number that perf_event_open takes as config
	Fields []Field // in the order of the file, common fields first
	Print  string  // print format and its arguments, as the kernel spells them
}

// Field is one member of a tracepoint's record.
type Field struct {
	Type    string // C type as the kernel spells it, without Name and Array
	Name    string
	Array   string // text between the brackets after Name: "16", or "" in "char buf[]"
	IsArray bool   // Name has brackets after it
	Offset  int    // bytes from the start of the record
	Size    int    // bytes; 0 for a flexible array at the end
	Signed  bool
	Common  bool // common_type and such, which every record starts with

	// DataLoc is set for a __data_loc field: a 32-bit word with the length
	// of the data in the high half and its offset in the low half, from
	// the start of the record.
	DataLoc bool
	// RelLoc is set for a __rel_loc field: as DataLoc, but the offset
	// counts from the end of the field itself.
	RelLoc bool
}

// ParseFormat parses the text of a tracepoint's format file.
func ParseFormat(r io.Reader) (*Format, error) {
	text, err := io.ReadAll(io.LimitReader(r, formatMax+1))
	if err != nil {
		return nil, err
	}
	if len(text) > formatMax {
		return nil, fmt.Errorf("tracepoint format: longer than %d bytes", formatMax)
	}
	f := &Format{ID: -1}
	// The print expression comes last, and is the only part that may hold
	// anything, newlines included.
	head, expression, _ := strings.Cut("\n"+string(text), "\nprint fmt:")
	f.Print = strings.TrimSpace(expression)
	for line := range strings.SplitSeq(head, "\n") {
		if err := f.parseLine(strings.TrimSpace(line)); err != nil {
			return nil, fmt.Errorf("tracepoint format: %w in line %q", err, line)
		}
	}
	if f.Name == "" || f.ID < 0 {
		return nil, fmt.Errorf("tracepoint format: expected a %q and an %q line", "name:", "ID:")
	}
	return f, nil
}

// parseLine adds one line of the file. Unknown lines are skipped, for the
// kernel may add to the file.
func (f *Format) parseLine(line string) error {
	key, value, _ := strings.Cut(line, ":")
	switch key {
	case "name":
		f.Name = strings.TrimSpace(value)
	case "ID":
		id, err := parseNumber(strings.TrimSpace(value))
		if err != nil {
			return err
		}
		f.ID = id
	case "field":
		field, err := parseField(value)
		if err != nil {
			return err
		}
		f.Fields = append(f.Fields, field)
	}
	return nil
}

// parseField parses what follows "field:", as in
// "char comm[16];\toffset:8;\tsize:16;\tsigned:0;".
func parseField(text string) (Field, error) {
	declaration, attributes, _ := strings.Cut(text, ";")
	field, err := parseDeclaration(strings.TrimSpace(declaration))
	if err != nil {
		return Field{}, err
	}
	field.Offset, field.Size = -1, -1
	for attribute := range strings.SplitSeq(attributes, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(attribute), ":")
		var err error
		switch key {
		case "offset":
			field.Offset, err = parseNumber(value)
		case "size":
			field.Size, err = parseNumber(value)
		case "signed":
			field.Signed = value == "1"
		}
		if err != nil {
			return Field{}, err
		}
	}
	if field.Offset < 0 || field.Size < 0 {
		return Field{}, fmt.Errorf("expected an offset and a size")
	}
	return field, nil
}

// parseNumber parses an offset, size or ID: never negative, and at most what
// fits an int on every platform.
func parseNumber(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("expected a number, not %q", text)
	}
	return int(n), nil
}
