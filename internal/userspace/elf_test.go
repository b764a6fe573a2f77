package userspace

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// symbol is one of a hand-made ELF file.
type symbol struct {
	name    string
	typ     elf.SymType
	address uint64
}

// segment is a loaded part of a hand-made ELF file.
type segment struct {
	typ                   elf.ProgType
	flags                 elf.ProgFlag
	offset, address, size uint64
}

// writeELF makes an ELF file that has nothing but a full symbol table, a dynamic one and segments.
func writeELF(t *testing.T, static, dynamic []symbol, segments ...segment) string {
	t.Helper()
	const head, progSize, sectionSize, symbolSize = 64, 56, 64, 24
	body := new(bytes.Buffer) // comes after the heads of the segments
	start := head + progSize*len(segments)
	sections := []elf.Section64{{}}
	add := func(s elf.Section64, content []byte) {
		s.Off, s.Size = uint64(start+body.Len()), uint64(len(content))
		body.Write(content)
		sections = append(sections, s)
	}
	table := func(typ elf.SectionType, symbols []symbol) {
		names, entries := []byte{0}, make([]byte, symbolSize)
		for _, s := range symbols {
			e := elf.Sym64{Name: uint32(len(names)), Info: elf.ST_INFO(elf.STB_GLOBAL, s.typ), Shndx: 1, Value: s.address}
			entries, _ = binary.Append(entries, binary.NativeEndian, e)
			names = append(names, s.name+"\x00"...)
		}
		add(elf.Section64{Type: uint32(elf.SHT_STRTAB)}, names)
		add(elf.Section64{Type: uint32(typ), Link: uint32(len(sections) - 1), Entsize: symbolSize}, entries)
	}
	if static != nil {
		table(elf.SHT_SYMTAB, static)
	}
	if dynamic != nil {
		table(elf.SHT_DYNSYM, dynamic)
	}
	add(elf.Section64{Type: uint32(elf.SHT_STRTAB)}, []byte{0}) // the sections' names
	order := byte(elf.ELFDATA2LSB)
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		order = byte(elf.ELFDATA2MSB)
	}
	header := elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), order, byte(elf.EV_CURRENT)}, Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64),
		Version: 1, Ehsize: head, Phentsize: progSize, Phnum: uint16(len(segments)), Shentsize: sectionSize, Shnum: uint16(len(sections)),
		Shstrndx: uint16(len(sections) - 1), Phoff: head, Shoff: uint64(start + body.Len()),
	}
	b, err := binary.Append(nil, binary.NativeEndian, header)
	for _, s := range segments {
		p := elf.Prog64{Type: uint32(s.typ), Flags: uint32(s.flags), Off: s.offset, Vaddr: s.address, Filesz: s.size, Memsz: s.size}
		b, _ = binary.Append(b, binary.NativeEndian, p)
	}
	b = append(b, body.Bytes()...)
	for _, s := range sections {
		b, _ = binary.Append(b, binary.NativeEndian, s)
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "made.so")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}
