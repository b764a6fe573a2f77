package tracefs

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// scanner takes the fields of a trace_pipe line off its front. A method that
// fails leaves the text as it was, unless noted.
type scanner struct{ rest string }

// skip takes prefix off, if it is there.
func (s *scanner) skip(prefix string) bool {
	rest, ok := strings.CutPrefix(s.rest, prefix)
	s.rest = rest
	return ok
}

// blanks takes blanks off and reports whether there were any.
func (s *scanner) blanks() bool {
	before := len(s.rest)
	s.rest = strings.TrimLeft(s.rest, " ")
	return len(s.rest) < before
}

// word takes text up to a blank off.
func (s *scanner) word() string {
	end := strings.IndexByte(s.rest, ' ')
	if end < 0 {
		end = len(s.rest)
	}
	word := s.rest[:end]
	s.rest = s.rest[end:]
	return word
}

// digits takes decimal digits off.
func (s *scanner) digits() string {
	end := 0
	for end < len(s.rest) && isDigit(s.rest[end]) {
		end++
	}
	digits := s.rest[:end]
	s.rest = s.rest[end:]
	return digits
}

// number takes a number off that fits 31 bits, as all IDs do. On failure the
// digits are gone.
func (s *scanner) number() (int, bool) {
	n, err := strconv.ParseUint(s.digits(), 10, 31)
	return int(n), err == nil
}

// tgid takes "(   123) " or, for an unknown one, "(-------) " off. It is
// optional: without it the result is 0, true.
func (s *scanner) tgid() (int, bool) {
	if !s.skip("(") {
		return 0, true
	}
	s.blanks()
	if before := s.rest; s.skip("-") {
		s.rest = strings.TrimLeft(before, "-")
		return 0, s.skip(")") && s.blanks()
	}
	n, ok := s.number()
	return n, ok && s.skip(")") && s.blanks()
}

// cpu takes "[001] " off.
func (s *scanner) cpu() (int, bool) {
	if !s.skip("[") {
		return 0, false
	}
	n, ok := s.number()
	return n, ok && s.skip("]") && s.blanks()
}

// timestamp takes "  1401.279960:" or, with a clock that counts ticks,
// "  162731:" off, and the blanks before it even on failure.
func (s *scanner) timestamp() (t time.Duration, ticks, ok bool) {
	s.blanks()
	try := *s
	whole, err := strconv.ParseInt(try.digits(), 10, 64)
	if err != nil {
		return 0, false, false
	}
	if try.skip(":") {
		*s = try
		return time.Duration(whole), true, true
	}
	if !try.skip(".") {
		return 0, false, false
	}
	// The digits are a fraction of a second, however many there are.
	fraction := try.digits()
	if fraction == "" || len(fraction) > 9 || !try.skip(":") || whole >= math.MaxInt64/int64(time.Second) {
		return 0, false, false
	}
	nanos, err := strconv.Atoi((fraction + "00000000")[:9])
	if err != nil {
		return 0, false, false
	}
	*s = try
	return time.Duration(whole)*time.Second + time.Duration(nanos), false, true
}
