// Package near finds names that are like a wrong one, for error messages.
package near

import (
	"slices"
	"strings"
)

const most = 3

// Names returns up to three of the names that differ least from name, the nearest first: by at most a third of its letters,
// or two where it is short.
func Names(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	limit := max(2, len(name)/3)
	for _, n := range names {
		if n == name || abs(len(n)-len(name)) > limit {
			continue
		}
		if d := Distance(strings.ToLower(name), strings.ToLower(n)); d <= limit {
			found = append(found, candidate{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.name, b.name)
	})
	var best []string
	for _, c := range found[:min(most, len(found))] {
		best = append(best, c.name)
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// Distance is how many letters must be inserted, removed, replaced or swapped with their neighbour.
func Distance(a, b string) int {
	two, one, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one, row = one, row, two
	}
	return one[len(b)]
}
