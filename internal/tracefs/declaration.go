package tracefs

import (
	"fmt"
	"strings"
)

// parseDeclaration splits "unsigned long args[6]" into type, name and array.
// The name is the last identifier before any brackets that end the text; what
// precedes it is the type, however it is spelled.
func parseDeclaration(text string) (Field, error) {
	var field Field
	// Only brackets at the end are the name's: those in
	// "__data_loc char[] name" are the type's.
	end := len(text)
	for end > 0 && text[end-1] == ']' {
		open := strings.LastIndexByte(text[:end], '[')
		if open < 0 {
			break
		}
		end = open
	}
	if field.IsArray = end < len(text); field.IsArray {
		field.Array = text[end+1 : len(text)-1]
	}
	body := strings.TrimSpace(text[:end])
	start := len(body)
	for start > 0 && isIdentifier(body[start-1]) {
		start--
	}
	field.Name = body[start:]
	field.Type = strings.TrimSpace(body[:start])
	if field.Name == "" || field.Type == "" {
		return Field{}, fmt.Errorf("expected a type and a name, not %q", text)
	}
	field.Common = strings.HasPrefix(field.Name, "common_")
	field.DataLoc = strings.HasPrefix(field.Type, "__data_loc ")
	field.RelLoc = strings.HasPrefix(field.Type, "__rel_loc ")
	return field, nil
}

// isIdentifier reports whether c can be part of a C identifier.
func isIdentifier(c byte) bool {
	return c == '_' || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// isDigit reports whether c is a decimal digit.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
