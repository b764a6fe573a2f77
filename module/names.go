package module

import (
	"fmt"
	"strings"
)

// maxListed keeps error messages readable.
const maxListed = 10

// list writes names for an error message.
func list(names []string) string {
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > maxListed:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), len(names)-maxListed)
	}
	return strings.Join(names, ", ")
}

// didYouMean makes a hint of near names, "" of none.
func didYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}
