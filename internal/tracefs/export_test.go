package tracefs

// For the tests outside the package.
var (
	FindRoot         = findRoot
	ListEvents       = listEvents
	Nearest          = nearest
	ValidName        = validName
	ParseDeclaration = parseDeclaration
	OpenPipeAt       = openPipe
	NewPipe          = newPipe
)
