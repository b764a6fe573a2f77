package headers

// A verdict is whether the compiler will see a part of a text, as far as can be told here.
type verdict byte

const (
	unknown verdict = iota
	yes
	no
)

// A condition is an open #if and the branches after it.
type condition struct {
	outer verdict // of the text around it
	taken verdict // whether one of its branches so far is seen
	now   verdict // the branch that is open
}

// conditions follows #if, #else and #endif, so that what is left out counts neither as used nor as defined: programs define
// types that older kernels lack.
type conditions struct {
	open []condition
	eval func([]token) verdict
	have func(name string) verdict
}

// now tells whether the compiler sees what comes next.
func (c *conditions) now() verdict {
	if len(c.open) == 0 {
		return yes
	}
	return c.open[len(c.open)-1].now
}

// directive takes a conditional directive; ok is false for others.
func (c *conditions) directive(d line) (ok bool) {
	switch d.directive {
	case "if":
		c.push(c.eval(d.tokens))
	case "ifdef":
		c.push(c.defined(d.tokens))
	case "ifndef":
		c.push(not(c.defined(d.tokens)))
	case "elif":
		c.branch(func() verdict { return c.eval(d.tokens) })
	case "else":
		c.branch(func() verdict { return yes })
	case "endif":
		if len(c.open) > 0 {
			c.open = c.open[:len(c.open)-1]
		}
	default:
		return false
	}
	return true
}

func (c *conditions) defined(tokens []token) verdict {
	if len(tokens) == 0 {
		return unknown
	}
	return c.have(tokens[0].text)
}

func (c *conditions) push(v verdict) {
	outer := c.now()
	c.open = append(c.open, condition{outer: outer, taken: v, now: and(outer, v)})
}

func (c *conditions) branch(v func() verdict) {
	if len(c.open) == 0 {
		return
	}
	last := &c.open[len(c.open)-1]
	this := and(not(last.taken), v())
	last.now = and(last.outer, this)
	last.taken = or(last.taken, this)
}

func not(v verdict) verdict {
	switch v {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

func and(a, b verdict) verdict {
	switch {
	case a == no || b == no:
		return no
	case a == yes && b == yes:
		return yes
	}
	return unknown
}

func or(a, b verdict) verdict { return not(and(not(a), not(b))) }

func truth(b bool) verdict {
	if b {
		return yes
	}
	return no
}
