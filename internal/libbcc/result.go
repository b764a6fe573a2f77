package libbcc

import (
	"fmt"
	"strings"
)

// Result is what libbcc made of a source text.
type Result struct {
	Library   string // path of the libbcc that compiled
	Failed    bool   // libbcc refused the source; Stderr tells why
	License   string
	Kernel    uint32 // LINUX_VERSION_CODE of the headers
	Maps      map[int]Map
	BTF       map[int][]byte
	Pins      map[int]string // record of a map: the path it is pinned at
	Tables    []Table
	Functions []Function
	Stdout    string // what libbcc and LLVM printed
	Stderr    string
}

// Map is one map as libbcc asked the kernel for it.
type Map struct {
	Attr   []byte // the kernel's union bpf_attr for BPF_MAP_CREATE
	Inner  int    // record of the inner map, -1: none
	BTF    int    // record of the BTF, -1: none
	Public bool   // made for a public table of another object, not by the source itself
}

// Table is a table of the source, as libbcc describes it.
type Table struct {
	Record                                     int // of its map; -1: none
	Name, KeyDesc, LeafDesc                    string
	Type, KeySize, LeafSize, MaxEntries, Flags uint32
	Events                                     []string // fields of the records submitted to it, "name#type"
}

// Function is a program of the source, as libbcc would load it.
type Function struct {
	Name                       string
	Code                       []byte // instructions of 8 bytes; a map's descriptor is the record of the map
	BTF                        int    // record, -1: none
	FuncInfoSize, LineInfoSize uint32 // bytes in one entry
	FuncInfo, LineInfo         []byte
}

// decoder fills a Result from the fields of a reply.
type decoder struct {
	r     *Result
	phase uint32
	name  *string // where the next name goes
	err   error   // what the child could not do
}

func decodeResult(payload []byte) (*Result, error) {
	d := decoder{r: &Result{Maps: map[int]Map{}, BTF: map[int][]byte{}, Pins: map[int]string{}}}
	if err := fields(payload, d.field); err != nil {
		return nil, err
	}
	return d.r, d.err
}

func (d *decoder) field(tag uint32, v []byte) error {
	r := d.r
	switch tag {
	case repError:
		d.err = fmt.Errorf("%s", v)
	case repNoLibrary:
		d.err = fmt.Errorf("%w: %s", ErrNoLibrary, v)
	case repLibrary:
		r.Library = string(v)
	case repFailed:
		r.Failed = true
	case repLicense:
		r.License = string(v)
	case repKernel:
		return d.uint32(v, &r.Kernel)
	case repPhase:
		return d.uint32(v, &d.phase)
	case repMap:
		return d.addMap(v)
	case repBTF, repPin:
		return d.addRecord(tag, v)
	case repTable:
		return d.addTable(v)
	case repFunction:
		return d.addFunction(v)
	default:
		return d.detail(tag, v)
	}
	return nil
}

// detail takes a field that belongs to the table or function before it.
func (d *decoder) detail(tag uint32, v []byte) error {
	switch tag {
	case repName:
		if d.name == nil {
			return fmt.Errorf("%w: a name of nothing", errGarbage)
		}
		*d.name, d.name = string(v), nil
		return nil
	case repKey, repLeaf, repEvent:
		if len(d.r.Tables) == 0 {
			return fmt.Errorf("%w: a description without a table", errGarbage)
		}
		t := &d.r.Tables[len(d.r.Tables)-1]
		switch tag {
		case repKey:
			t.KeyDesc = string(v)
		case repLeaf:
			t.LeafDesc = string(v)
		default:
			t.Events = append(t.Events, string(v))
		}
		return nil
	case repCode, repFuncInfo, repLineInfo:
		if len(d.r.Functions) == 0 {
			return fmt.Errorf("%w: code without a function", errGarbage)
		}
		f := &d.r.Functions[len(d.r.Functions)-1]
		switch tag {
		case repCode:
			f.Code = v
		case repFuncInfo:
			f.FuncInfo = v
		default:
			f.LineInfo = v
		}
		return nil
	}
	return fmt.Errorf("%w: unknown field %d", errGarbage, tag)
}

func (d *decoder) uint32(v []byte, to *uint32) error {
	if len(v) != 4 {
		return fmt.Errorf("%w: a number of %d bytes", errGarbage, len(v))
	}
	*to = order.Uint32(v)
	return nil
}

// head reads n numbers from the start of a field.
func (d *decoder) head(v []byte, n int) ([]int, []byte, error) {
	if len(v) < 4*n {
		return nil, nil, fmt.Errorf("%w: a field of %d bytes", errGarbage, len(v))
	}
	nums := make([]int, n)
	for i := range nums {
		nums[i] = int(int32(order.Uint32(v[4*i:])))
	}
	return nums, v[4*n:], nil
}

func (d *decoder) addMap(v []byte) error {
	n, attr, err := d.head(v, 3)
	if err == nil {
		d.r.Maps[n[0]] = Map{Attr: attr, Inner: n[1], BTF: n[2], Public: d.phase == 0}
	}
	return err
}

func (d *decoder) addRecord(tag uint32, v []byte) error {
	n, rest, err := d.head(v, 1)
	if err != nil {
		return err
	}
	if tag == repBTF {
		d.r.BTF[n[0]] = rest
	} else {
		d.r.Pins[n[0]] = strings.TrimRight(string(rest), "\x00")
	}
	return nil
}

func (d *decoder) addTable(v []byte) error {
	n, _, err := d.head(v, 6)
	if err != nil {
		return err
	}
	d.r.Tables = append(d.r.Tables, Table{Record: n[0], Type: uint32(n[1]), KeySize: uint32(n[2]), LeafSize: uint32(n[3]),
		MaxEntries: uint32(n[4]), Flags: uint32(n[5])})
	d.name = &d.r.Tables[len(d.r.Tables)-1].Name
	return nil
}

func (d *decoder) addFunction(v []byte) error {
	n, _, err := d.head(v, 3)
	if err != nil {
		return err
	}
	d.r.Functions = append(d.r.Functions, Function{BTF: n[0], FuncInfoSize: uint32(n[1]), LineInfoSize: uint32(n[2])})
	d.name = &d.r.Functions[len(d.r.Functions)-1].Name
	return nil
}
