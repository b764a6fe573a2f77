package headers

import (
	"os"
	"testing"
)

// BenchmarkGenerate makes a tree for a program of common size, all of its parts anew each time.
func BenchmarkGenerate(b *testing.B) {
	if _, err := os.Stat(kernelBTFFile); err != nil {
		b.Skip(err)
	}
	for _, name := range []string{"hello", "tcp"} {
		b.Run(name, func(b *testing.B) {
			source, err := os.ReadFile("testdata/programs/" + name + ".c")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Generate(b.TempDir(), &Request{Source: string(source)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
