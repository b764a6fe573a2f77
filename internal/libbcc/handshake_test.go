//go:build linux && cgo

package libbcc

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gobcc/bcc/internal/testutil"
)

const self = "/proc/self/exe"

// byHand starts a child with something as its descriptor 3 and returns its output and status.
func byHand(t testing.TB, path string, three *os.File, env ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, path)
	cmd.Args = []string{childName, "-test.v", "-test.run=^TestHelper$"}
	cmd.Env = append(os.Environ(), env...)
	if three != nil {
		cmd.ExtraFiles = []*os.File{three}
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		t.Fatal(err, ctx.Err())
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// sent starts a child with a request waiting for it, after which nothing comes, and returns its reply as well.
func sent(t testing.TB, path string, request []byte, env ...string) (reply []byte, output string, status int) {
	t.Helper()
	ours, theirs, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	var talk sync.WaitGroup
	talk.Go(func() {
		ours.Write(request) // as far as the child wants it
		unix.Shutdown(int(ours.Fd()), unix.SHUT_WR)
		reply, _ = io.ReadAll(ours)
	})
	output, status = byHand(t, path, theirs, env...)
	theirs.Close()
	talk.Wait()
	return reply, output, status
}

func header(magic string, version, op uint32, length uint64) []byte {
	b := order.AppendUint32([]byte(magic), version)
	return order.AppendUint64(order.AppendUint32(b, op), length)
}

func requestField(tag, length uint32, value string) string {
	return string(order.AppendUint32(order.AppendUint32(nil, tag), length)) + value
}

func request(payload string) []byte {
	return append(header(magicRequest, wireVersion, opCompile, uint64(len(payload))), payload...)
}

// Whoever starts the child by hand is told, and gets neither the program nor its tests.
func TestStartedByHand(t *testing.T) {
	testutil.Leaks(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.Write(header(magicRequest, wireVersion, opCompile, 0))
	file.Seek(0, io.SeekStart)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w.Write(header(magicRequest, wireVersion, opCompile, 0))
	w.Close()
	for what, three := range map[string]*os.File{"nothing": nil, "a file": file, "a pipe": r} {
		out, status := byHand(t, self, three)
		if status != 120 || out != "gobcc: compile child: started by hand: this name is for the library's own use\n" {
			t.Errorf("%s: status %d, %q", what, status, out)
		}
	}
}

func TestMalformedRequests(t *testing.T) {
	testutil.Leaks(t)
	const byhand, version, long, short, length, unknown, operation = "started by hand", "another version", "too long", "cut short",
		"a field of a wrong length", "unknown field", "unknown operation"
	source := requestField(reqSource, 3, "any")
	for _, c := range []struct {
		what    string
		request []byte
		status  int
		text    string
	}{
		{"nothing", nil, 120, byhand},
		{"one byte", []byte("g"), 120, byhand},
		{"a header but for a byte", request("")[:headerSize-1], 120, byhand},
		{"garbage", bytes.Repeat([]byte("garbage!"), 1000), 120, byhand},
		{"a reply", header(magicReply, wireVersion, 0, 0), 120, byhand},
		{"version 0", header(magicRequest, 0, opCompile, 0), 120, version},
		{"another version", header(magicRequest, wireVersion+1, opCompile, 0), 120, version},
		{"too long", header(magicRequest, wireVersion, opCompile, maxPayload+1), 121, long},
		{"length -1", header(magicRequest, wireVersion, opCompile, 1<<64-1), 121, long},
		{"1 GiB that does not come", header(magicRequest, wireVersion, opCompile, maxPayload), 121, short},
		{"one byte missing", request(source)[:headerSize+len(source)-1], 121, short},
		{"one byte", request("1"), 121, short},
		{"a byte after the last field", request(source + "1"), 121, short},
		{"a field longer than the request", request(requestField(reqSource, 4, "any")), 121, length},
		{"a field of 4 GiB", request(requestField(reqSource, 1<<32-1, "any")), 121, length},
		{"a debug flag of 3 bytes", request(requestField(reqDebug, 3, "any")), 121, length},
		{"a debug flag of 0 bytes", request(source + requestField(reqDebug, 0, "")), 121, length},
		{"field 0", request(source + requestField(0, 0, "")), 121, unknown},
		{"field 8", request(requestField(8, 1, "1")), 121, unknown},
		{"operation 0", header(magicRequest, wireVersion, 0, 0), 121, operation},
		{"operation 3", header(magicRequest, wireVersion, 3, 0), 121, operation},
	} {
		reply, out, status := sent(t, self, c.request)
		if len(reply) > 0 || status != c.status || !strings.HasPrefix(out, "gobcc: compile child: ") || !strings.Contains(out, c.text) {
			t.Errorf("%s: status %d, output %q, reply %q", c.what, status, out, reply)
		}
	}
}

// Requests that make little sense but are well formed, and some that are large.
func TestOddRequests(t *testing.T) {
	testutil.Leaks(t)
	env := fake(t)
	for what, payload := range map[string]string{
		"no field":       "",
		"empty fields":   requestField(reqSource, 0, "") + requestField(reqCFlag, 0, "") + requestField(reqDevice, 0, "") + requestField(reqPublic, 0, ""),
		"source twice":   requestField(reqSource, 3, "any") + requestField(reqSource, 3, "two"),
		"10,000 flags":   strings.Repeat(requestField(reqCFlag, 0, ""), 10000),
		"8 MiB":          requestField(reqSource, 8<<20, strings.Repeat("x", 8<<20)),
		"library unused": requestField(reqLibrary, 1, "/") + requestField(reqSymbol, 1, "x"),
	} {
		reply, out, status := sent(t, self, request(payload), env...)
		body, err := readReply(bytes.NewReader(reply))
		if err != nil || status != 0 || out != "" {
			t.Errorf("%s: status %d, output %q, %v", what, status, out, err)
			continue
		}
		if r, err := decodeResult(body); err != nil || len(r.Functions) != 1 {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
}

// A C text ends at a NUL byte, which would cut it without a word.
func TestNUL(t *testing.T) {
	testutil.Leaks(t)
	for _, r := range []Request{{Source: "int a;\x00int b;"}, {Public: "\x00"}, {Device: "eth0\x00"}, {CFlags: []string{"-DA", "-DB\x00"}}} {
		if _, err := Compile(t.Context(), &r); err == nil || !strings.Contains(err.Error(), "a NUL byte") {
			t.Errorf("%+q: %v", r, err)
		}
	}
}

// sanitized builds the child alone, with the compiler's checks of memory and of undefined behaviour.
func sanitized(t testing.TB, dir string) string {
	t.Helper()
	sources, err := filepath.Glob("*.c")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "child")
	args := []string{"-g", "-O1", "-Wall", "-Wextra", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"}
	probe := exec.Command("gcc", append(args, "-x", "c", "-o", path, "-")...)
	probe.Stdin = strings.NewReader("int main(void) { return 0; }")
	if out, err := probe.CombinedOutput(); err != nil {
		t.Skipf("gcc has no sanitizers: %v\n%s", err, out)
	}
	sources = slices.DeleteFunc(sources, func(name string) bool { return name == "child.c" }) // it is part of the driver
	gcc(t, append(append(args, "-o", path, "testdata/forks.c", "-ldl"), sources...)...)
	return path
}

// clean fails the test where a sanitizer complained.
func clean(t *testing.T, what any, out string, status int) {
	t.Helper()
	if status < 0 || strings.Contains(out, "runtime error:") || strings.Contains(out, "Sanitizer") {
		t.Errorf("%q: status %d\n%s", what, status, out)
	}
}

func TestSanitizedRequests(t *testing.T) {
	testutil.Leaks(t)
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	requests := make([][]byte, 2000)
	var stream []byte
	for i := range requests {
		requests[i] = mutant(random)
		stream = append(order.AppendUint32(stream, uint32(len(requests[i]))), requests[i]...)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(sanitized(t, dir))
	cmd.Env = append(append(os.Environ(), fakeIn(t, dir)...), "ASAN_OPTIONS=detect_leaks=0")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(stream), &stderr
	out, err := cmd.Output()
	if clean(t, "requests", stderr.String(), cmd.ProcessState.ExitCode()); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	lines := strings.Fields(string(out))
	if len(lines) != len(requests) {
		t.Fatalf("%d requests, %d answers", len(requests), len(lines))
	}
	for i, line := range lines {
		count[line]++
		if n, err := strconv.Atoi(line); err != nil || n != 0 && n != 120<<8 && n != 121<<8 {
			t.Errorf("%q: status %s\n%s", requests[i], line, stderr.String())
		}
	}
	t.Log(count)
	if count["0"] < 100 || count["30720"] < 100 || count["30976"] < 100 {
		t.Errorf("how they ended: %v", count)
	}
}

// mutant makes a request that is wrong somewhere, most times.
func mutant(random *rand.Rand) []byte {
	var m message
	for range random.IntN(6) {
		value := make([]byte, random.IntN(20))
		for i := range value {
			value[i] = byte(random.Uint32())
		}
		m.add(uint32(random.IntN(9)), string(value))
	}
	b := m.bytes(uint32(1 + random.IntN(2)))
	for range random.IntN(3) { // a bit
		b[random.IntN(len(b))] ^= 1 << random.IntN(8)
	}
	if random.IntN(3) == 0 && len(b) > headerSize+4 { // a number with a meaning
		at := headerSize + random.IntN(len(b)-headerSize-3)
		order.PutUint32(b[at:], []uint32{0, 1, 1<<32 - 1, 1<<31 - 1, 1 << 31, uint32(len(b))}[random.IntN(6)])
	}
	switch random.IntN(4) {
	case 0:
		b = b[:random.IntN(len(b)+1)]
	case 1:
		b = append(b, make([]byte, random.IntN(30))...)
	}
	return b
}

// The child's own code on true sources.
func TestSanitizedCompiles(t *testing.T) {
	testutil.Leaks(t)
	testutil.Libbcc(t)
	testutil.Headers(t)
	child := sanitized(t, t.TempDir())
	for source, failed := range map[string]bool{
		simple:                                 false,
		"":                                     false,
		"int program(void *ctx) { return x; }": true,
		"BPF_TABLE_PINNED(\"hash\", u32, u64, pinned, 10, \"/sys/fs/bpf/gobcc-sanitized\"); BPF_PERF_OUTPUT(events); BPF_HASH_OF_MAPS(outer, u32, \"pinned\", 4);\n" +
			"struct e { u32 a[3]; char c; }; int one(void *ctx) { struct e e = {}; events.perf_submit(ctx, &e, sizeof e); return 0; }\n" +
			"int two(void *ctx) { bpf_trace_printk(\"%d\\n\", 1); u32 k = 0; u64 v = 1; pinned.update(&k, &v); return 0; }": false,
	} {
		reply, out, status := sent(t, child, request(requestField(reqSource, uint32(len(source)), source)), "ASAN_OPTIONS=detect_leaks=0")
		body, err := readReply(bytes.NewReader(reply))
		if err != nil || status != 0 {
			t.Errorf("%q: status %d, %v, %s", source, status, err, out)
			continue
		}
		if r, err := decodeResult(body); err != nil || r.Failed != failed {
			t.Errorf("%q: %+v, %v, %s", source, r, err, out)
		}
		clean(t, source, out, status)
	}
}
