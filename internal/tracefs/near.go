package tracefs

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gobcc/bcc/internal/near"
)

const (
	// nearMax is how many names a hint holds.
	nearMax = 3
	// nearLongest bounds the work for a hint. No event name is as long.
	nearLongest = 128
)

// Near returns up to three existing tracepoints like a wrong "category:event",
// nearest first, for a hint in an error. Without a ':' the whole name is taken
// as the event. It returns nil if there are none or tracefs cannot be read.
func Near(name string) []string {
	if name == "" || len(name) > nearLongest {
		return nil
	}
	events, err := Events()
	if err != nil {
		return nil
	}
	return nearest(name, events)
}

// nearest picks the names out of events.
func nearest(name string, events []string) []string {
	category, event, ok := strings.Cut(name, ":")
	if !ok {
		category, event = "", name
	}
	type candidate struct {
		name string
		far  int
	}
	var found []candidate
	for _, e := range events {
		c, v, _ := strings.Cut(e, ":")
		if far, ok := distance(category, event, c, v); ok {
			found = append(found, candidate{e, far})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, f := range found[:min(len(found), nearMax)] {
		names = append(names, f.name)
	}
	return names
}

// distance says how far an existing tracepoint is from the wanted one, and
// whether it is near enough to be worth naming.
func distance(wantCategory, wantEvent, category, event string) (int, bool) {
	if wantEvent == "" {
		return 0, false
	}
	if event == wantEvent {
		return 0, true
	}
	far := near.Distance(wantEvent, event)
	if wantCategory != "" {
		far += near.Distance(wantCategory, category)
	}
	if far <= max(1, (len(wantCategory)+len(wantEvent))/4) {
		return far, true
	}
	if wantCategory != "" && category != wantCategory {
		return 0, false
	}
	// Event names start with their category or kind ("sched_switch",
	// "sys_enter_openat"), and leaving that off is a common mistake.
	return far, len(wantEvent) >= 3 && strings.HasSuffix(event, "_"+wantEvent)
}
