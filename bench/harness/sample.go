package harness

import "slices"

// Sample is what one run of a peer took.
type Sample struct {
	CPU  float64 `json:"cpu_ms"`   // user and system, with the children that it waited for, from fork to exit
	Wall float64 `json:"wall_ms"`  // from fork to READY
	RSS  float64 `json:"rss_mib"`  // resident, once ready
	Peak float64 `json:"peak_mib"` // most that one of its processes had resident at a time
}

// Metric is one column of a table.
type Metric struct {
	Name string // with its unit
	of   func(Sample) float64
}

// What is measured of each peer.
var (
	CPU  = Metric{"CPU ms", func(s Sample) float64 { return s.CPU }}
	Wall = Metric{"wall ms", func(s Sample) float64 { return s.Wall }}
	RSS  = Metric{"RSS MiB", func(s Sample) float64 { return s.RSS }}
	Peak = Metric{"peak MiB", func(s Sample) float64 { return s.Peak }}
)

// spread is a metric over the runs of a peer.
type spread struct{ min, median, max float64 }

func (m Metric) over(samples []Sample) spread {
	v := make([]float64, len(samples))
	for i, s := range samples {
		v[i] = m.of(s)
	}
	slices.Sort(v)
	n := len(v)
	return spread{v[0], (v[(n-1)/2] + v[n/2]) / 2, v[n-1]}
}
