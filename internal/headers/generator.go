package headers

import (
	"maps"
	"path/filepath"

	"github.com/cilium/ebpf/btf"
)

// A generator makes one tree.
type generator struct {
	req      *Request
	dir      string // of the program's text
	flags    flags
	version  version
	config   config
	program  *scan
	named    map[tag]bool // by the program itself
	provided *provided
	kernel   *kernel
	found    *findings
	picker   *picker
	order    []btf.Type // what is defined
	unknown  []string
}

func newGenerator(req *Request) (*generator, error) {
	g := &generator{req: req}
	if err := g.identify(); err != nil {
		return nil, err
	}
	var err error
	if req.Dir != "" {
		if g.dir, err = filepath.Abs(req.Dir); err != nil {
			return nil, err
		}
	}
	if g.flags, err = parseFlags(req.CFlags); err != nil {
		return nil, err
	}
	if g.program, err = scanProgram(req.Source, g.dir, g.flags, g.version, g.config); err != nil {
		return nil, err
	}
	g.named = maps.Clone(g.program.tags)
	for _, l := range lexLines(usedByLibbcc) {
		g.program.use(l.tokens)
	}
	useIterators(g.program, req.Source)
	useTracepoints(g.program, req.Tracefs, tracepoints(req.Source, g.program))
	return g, g.open()
}

// identify finds out the kernel's version and configuration.
func (g *generator) identify() error {
	name := g.req.Release
	if name == "" {
		var err error
		if name, err = release(); err != nil {
			return err
		}
	}
	g.version = parseVersion(name)
	paths := []string{g.req.Config}
	if g.req.Config == "" {
		paths = []string{"/proc/config.gz", "/boot/config-" + name, "/lib/modules/" + name + "/config"}
	}
	g.config = readConfig(paths)
	return nil
}

// open reads what libbcc and the kernel have.
func (g *generator) open() (err error) {
	library, kernel := g.req.Library, g.req.BTF
	if library == "" {
		if library, err = FindLibrary(); err != nil {
			return err
		}
	}
	if g.provided, err = readLibrary(library); err != nil {
		return err
	}
	if kernel == "" {
		kernel = kernelBTFFile
	}
	g.kernel, err = openKernel(kernel)
	return err
}

// cflags are the program's flags with absolute paths, and its own folder.
func (g *generator) cflags() []string {
	if g.dir == "" {
		return g.flags.absolute
	}
	return append([]string{"-iquote", g.dir}, g.flags.absolute...)
}
