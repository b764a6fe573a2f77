package tracefs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gobcc/bcc/internal/tracefs"
)

func FuzzParseFormat(f *testing.F) {
	for _, tt := range formats {
		f.Add(tt.text)
	}
	f.Add("name:\nID:\nfield:[];offset:;size:;")
	f.Fuzz(func(t *testing.T, text string) {
		format, err := tracefs.ParseFormat(strings.NewReader(text))
		if err != nil {
			if format != nil {
				t.Fatal("a format and an error")
			}
			return
		}
		if format.Name == "" || format.ID < 0 {
			t.Fatalf("no name or ID: %+v", format)
		}
		for _, field := range format.Fields {
			if field.Name == "" || field.Type == "" || field.Offset < 0 || field.Size < 0 {
				t.Fatalf("bad field: %+v", field)
			}
			if strings.ContainsAny(field.Name, " \t[]*") {
				t.Fatalf("bad name: %+v", field)
			}
		}
	})
}

func FuzzParseLine(f *testing.F) {
	for _, tt := range lines {
		f.Add(tt.text)
	}
	for _, tt := range badLines {
		f.Add(tt.text)
	}
	f.Add("CPU:1 [LOST 12345 EVENTS]")
	f.Fuzz(func(t *testing.T, text string) {
		line, err := tracefs.ParseLine(text)
		if err != nil {
			var bad *tracefs.LineError
			var lost *tracefs.LostError
			if line != (tracefs.Line{}) || !errors.As(err, &bad) && !errors.As(err, &lost) || err.Error() == "" {
				t.Fatalf("line %+v with error %v", line, err)
			}
			return
		}
		if line.PID < 0 || line.TGID < 0 || line.CPU < 0 || line.Timestamp < 0 {
			t.Fatalf("negative: %+v", line)
		}
		if !strings.HasSuffix(strings.TrimRight(text, "\n"), line.Message) {
			t.Fatalf("message is not the end of the line: %+v", line)
		}
		// Whatever follows the message's start is the message's.
		again, err := tracefs.ParseLine(strings.TrimRight(text, "\n") + "x")
		if line.Message != "" && (err != nil || again.Message != line.Message+"x" || again.Task != line.Task) {
			t.Fatalf("%+v, and with an x %+v, %v", line, again, err)
		}
	})
}
