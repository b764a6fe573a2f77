package harness

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// Case is one piece of work that all its peers do.
type Case struct {
	Bench, Name string
	Peers       []Peer
	Bases       []string // peers that the others are compared to
	Targets     []Target
	Evidence    Evidence // may be nil
}

// Target is a ratio of medians that a peer is to reach.
type Target struct {
	Metric     Metric
	Peer, Base string
	Max        float64
}

// Result is what came of a case.
type Result struct {
	Case
	Samples map[string][]Sample // by peer
}

// Run runs the peers of a case in turn, the given number of rounds. Progress goes to log.
func Run(ctx context.Context, c Case, rounds int, log io.Writer) (*Result, error) {
	r := &Result{Case: c, Samples: map[string][]Sample{}}
	able := slices.DeleteFunc(slices.Clone(c.Peers), func(p Peer) bool { return p.Err != nil })
	evidence := ""
	for round := range rounds + 1 { // the first only warms the page cache
		for i := range able {
			p := &able[(round+i)%len(able)]
			s, e, err := p.run(ctx, c.Evidence)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %s: %w", c.Bench, c.Name, p.Name, err)
			}
			if evidence == "" {
				evidence = e
			}
			if e != evidence {
				return nil, fmt.Errorf("%s %s: %s does not do what the others do: %s, not %s", c.Bench, c.Name, p.Name, e, evidence)
			}
			if round > 0 {
				r.Samples[p.Name] = append(r.Samples[p.Name], s)
			}
			fmt.Fprintf(log, "%s %s %d/%d %-8s %7.1f ms CPU %7.1f ms wall %6.1f MiB\n", c.Bench, c.Name, round, rounds, p.Name, s.CPU,
				s.Wall, s.RSS)
		}
	}
	return r, nil
}

// Ratio is a peer's median by that of another, and its least by the least of the other, which a busy machine disturbs
// less; ok is false where one of them did not run.
func (r *Result) Ratio(m Metric, peer, base string) (ratio, least float64, ok bool) {
	if len(r.Samples[peer]) == 0 || len(r.Samples[base]) == 0 {
		return 0, 0, false
	}
	a, b := m.over(r.Samples[peer]), m.over(r.Samples[base])
	return a.median / b.median, a.min / b.min, true
}
