//go:build !amd64 && !arm64

package headers

// uapiMachine would be the constants of a machine that nobody has made a table for.
const uapiMachine = ""
