package tracefs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Exists reports whether the running kernel has the tracepoint. It is false
// also when tracefs cannot be read, which [Root] explains.
func Exists(category, event string) bool {
	if !validName(category) || !validName(event) {
		return false
	}
	root, err := Root()
	if err != nil {
		return false
	}
	// The format file tells an event from the control files next to it.
	_, err = os.Stat(filepath.Join(root, "events", category, event, "format"))
	return err == nil
}

// Events lists the kernel's tracepoints as sorted "category:event" names.
func Events() ([]string, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	return listEvents(filepath.Join(root, "events"))
}

// listEvents lists the events of one events folder.
func listEvents(dir string) ([]string, error) {
	categories, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range categories {
		if !c.IsDir() {
			continue
		}
		events, err := os.ReadDir(filepath.Join(dir, c.Name()))
		if os.IsNotExist(err) {
			continue // its module was unloaded since the first listing
		}
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			if e.IsDir() {
				names = append(names, c.Name()+":"+e.Name())
			}
		}
	}
	// As whole names: ':' sorts after digits, so the folders' order differs.
	slices.Sort(names)
	return names, nil
}

// validName reports whether a category or event is safe to use as one element
// of a path. The kernel allows none of what it refuses.
func validName(name string) bool {
	return name != "" && name != "." &&
		!strings.Contains(name, "..") && !strings.ContainsAny(name, "/\x00")
}
