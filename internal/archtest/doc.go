// Package archtest holds tests about the source of the whole module: who imports whom, what the public packages show,
// how long files and functions are, and how much of Python's API is there.
package archtest
