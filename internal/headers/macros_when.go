package headers

import (
	"runtime"
	"slices"

	"github.com/cilium/ebpf/btf"
)

// holds tells whether a condition in the macro table holds for this kernel and machine.
func (g *generator) holds(condition []token) bool {
	e := expression{tokens: condition, call: g.has, lookup: func(name string) (value, bool) {
		return value{int64(g.version.code()), name == "LINUX_VERSION_CODE"}, true
	}, have: func(name string) verdict {
		_, ok := g.config.get(name)
		return truth(ok || name == machineMacro[runtime.GOARCH])
	}}
	v := e.ternary()
	return v.known && v.n != 0
}

// has evaluates has(struct x) and has(struct x, member).
func (g *generator) has(name string, args []token) value {
	if name != "has" || len(args) < 2 {
		return value{}
	}
	t := g.found.tag(tag{args[0].text, args[1].text})
	if len(args) < 4 || t == nil {
		return fromVerdict(truth(t != nil))
	}
	return fromVerdict(truth(g.hasMember(t, args[3].text, 0)))
}

// hasMember looks for a member, also in those that have no name themselves.
func (g *generator) hasMember(t btf.Type, name string, level int) bool {
	c, ok, err := g.kernel.composite(t)
	if !ok || err != nil || level > maxNesting {
		return false
	}
	return slices.ContainsFunc(c.members, func(m btf.Member) bool {
		return m.Name == name || m.Name == "" && g.hasMember(bare(m.Type), name, level+1)
	})
}
