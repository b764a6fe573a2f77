package headers

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isWordByte tells whether a byte can be part of an identifier or number.
func isWordByte(c byte) bool {
	return c == '_' || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// isIdentifier tells whether a text is a name in C.
func isIdentifier(text string) bool {
	for i := range len(text) {
		if !isWordByte(text[i]) || i == 0 && isDigit(text[i]) {
			return false
		}
	}
	return text != ""
}
