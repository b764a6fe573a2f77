package headers

import _ "embed" // the table

// uapiMachine are the constants that differ between machines.
//
//go:embed uapi/amd64.txt
var uapiMachine string
