package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

var columns = []Metric{CPU, Wall, RSS, Peak}

// compared tells whether a column is followed by ratios. A peak is not: who compiles needs it, in whichever process.
func compared(m Metric) bool { return m.Name != Peak.Name }

// WriteTable writes a result as Markdown: a line a peer, each figure as median (least to most), and the targets.
func (r *Result) WriteTable(w io.Writer) {
	fmt.Fprintf(w, "### %s: %s\n\n|", r.Bench, r.Name)
	line := "\n|---|"
	for _, m := range columns {
		fmt.Fprintf(w, " | %s", m.Name)
		line += "--:|"
		if compared(m) {
			for _, b := range r.Bases {
				fmt.Fprintf(w, " | × %s", b)
				line += "--:|"
			}
		}
	}
	fmt.Fprintln(w, " |"+line)
	var out []string
	for _, p := range r.Peers {
		if p.Err != nil {
			out = append(out, fmt.Sprintf("* %s did not run: %s", p.Name, strings.ReplaceAll(p.Err.Error(), "\n", " ")))
			continue
		}
		fmt.Fprintf(w, "| %s |%s\n", p.Name, r.cells(p.Name))
	}
	fmt.Fprintln(w)
	for _, t := range r.Targets {
		if s := r.target(t); s != "" {
			out = append(out, s)
		}
	}
	if len(out) > 0 {
		fmt.Fprintf(w, "%s\n\n", strings.Join(out, "\n"))
	}
}

func (r *Result) cells(peer string) string {
	var b strings.Builder
	for _, m := range columns {
		s := m.over(r.Samples[peer])
		fmt.Fprintf(&b, " %s (%s..%s) |", figure(s.median), figure(s.min), figure(s.max))
		if !compared(m) {
			continue
		}
		for _, base := range r.Bases {
			if ratio, _, ok := r.Ratio(m, peer, base); ok {
				fmt.Fprintf(&b, " %.3g |", ratio)
			} else {
				b.WriteString(" – |")
			}
		}
	}
	return b.String()
}

// figure has three digits, or all before the point.
func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func (r *Result) target(t Target) string {
	ratio, least, ok := r.Ratio(t.Metric, t.Peer, t.Base)
	if !ok {
		return ""
	}
	verdict := "reached"
	if ratio > t.Max {
		verdict = "**missed**"
	}
	return fmt.Sprintf("* %s of %s, target ≤ %g × %s: %.3g (least by least %.3g), %s", t.Metric.Name, t.Peer, t.Max, t.Base,
		ratio, least, verdict)
}

// WriteJSON writes a line a peer, with every sample.
func (r *Result) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	for _, p := range r.Peers {
		line := struct {
			Bench   string                        `json:"bench"`
			Case    string                        `json:"case"`
			Peer    string                        `json:"peer"`
			Error   string                        `json:"error,omitempty"`
			Median  map[string]float64            `json:"median,omitempty"`
			Ratio   map[string]map[string]float64 `json:"ratio,omitempty"` // by base, by metric
			Samples []Sample                      `json:"samples,omitempty"`
		}{Bench: r.Bench, Case: r.Name, Peer: p.Name, Samples: r.Samples[p.Name]}
		if p.Err != nil {
			line.Error = p.Err.Error()
		} else {
			line.Median, line.Ratio = r.figures(p.Name)
		}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func (r *Result) figures(peer string) (median map[string]float64, ratio map[string]map[string]float64) {
	median, ratio = map[string]float64{}, map[string]map[string]float64{}
	for _, m := range columns {
		median[m.Name] = m.over(r.Samples[peer]).median
		for _, b := range r.Bases {
			if v, _, ok := r.Ratio(m, peer, b); ok {
				if ratio[b] == nil {
					ratio[b] = map[string]float64{}
				}
				ratio[b][m.Name] = v
			}
		}
	}
	return median, ratio
}
