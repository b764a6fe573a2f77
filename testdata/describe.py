# Loads programs with Python's bcc, and describes what is then in the kernel; the same for objects that are there already,
# given by their ids. Reads from standard input, and writes to standard output, JSON:
#
#   {"programs": [{"text": .., "headers": .., "type": .., "maps": {name: id}, "progs": {name: id}}, ..]}
#   [{"theirs": {"maps": {name: {..}}, "progs": {name: {..}}}, "ours": {..}}, ..]
import ctypes as ct, json, os, struct, sys
from bcc import BPF, lib

lib.bpf_num_tables.restype, lib.bpf_num_tables.argtypes = ct.c_size_t, [ct.c_void_p]
lib.bpf_table_name.restype, lib.bpf_table_name.argtypes = ct.c_char_p, [ct.c_void_p, ct.c_size_t]
lib.bpf_table_fd.restype, lib.bpf_table_fd.argtypes = ct.c_int, [ct.c_void_p, ct.c_char_p]
libc = ct.CDLL(None, use_errno=True)
SYS_bpf = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
PROG_BY_ID, MAP_BY_ID, INFO, BTF_BY_ID = 13, 14, 15, 19


def bpf(cmd, attr):
    attr = ct.create_string_buffer(attr, len(attr))
    r = libc.syscall(SYS_bpf, cmd, attr, len(attr))
    if r < 0:
        e = ct.get_errno()
        raise OSError(e, "bpf(%d): %s" % (cmd, os.strerror(e)))
    return r


def by_id(cmd, i):
    return bpf(cmd, struct.pack("=III", i, 0, 0))


def info(fd, request):
    b = ct.create_string_buffer(request, len(request))
    bpf(INFO, struct.pack("=IIQ", fd, len(b), ct.addressof(b)))
    return b.raw


def btf(i):
    if not i:
        return ""
    fd = by_id(BTF_BY_ID, i)
    size = struct.unpack_from("=QI", info(fd, bytes(32)))[1]
    blob = ct.create_string_buffer(size)
    info(fd, struct.pack("=QIIQII", ct.addressof(blob), size, 0, 0, 0, 0))
    os.close(fd)
    return blob.raw.hex()


def describe_map(fd):
    r = info(fd, bytes(88))
    typ, ident, key, value, entries, flags, name = struct.unpack_from("=6I16s", r)
    btf_id, btf_key, btf_value = struct.unpack_from("=III", r, 64)
    return {"id": ident, "type": typ, "key": key, "value": value, "entries": entries, "flags": flags,
            "name": name.split(b"\0")[0].decode(), "btf": btf(btf_id), "btf_key": btf_key, "btf_value": btf_value}


def describe_prog(fd):
    r = info(fd, bytes(232))
    typ, _ = struct.unpack_from("=II", r)
    tag = r[8:16].hex()
    name = r[64:80].split(b"\0")[0].decode()
    btf_id, func_size = struct.unpack_from("=II", r, 128)
    funcs, lines = struct.unpack_from("=II", r, 144)
    line_size, = struct.unpack_from("=I", r, 172)
    request = bytearray(232)
    fb, lb = ct.create_string_buffer(funcs * func_size + 1), ct.create_string_buffer(lines * line_size + 1)
    struct.pack_into("=IQ", request, 132, func_size, ct.addressof(fb))
    struct.pack_into("=IIQ", request, 144, funcs, lines, ct.addressof(lb))
    struct.pack_into("=I", request, 172, line_size)
    info(fd, bytes(request))
    return {"type": typ, "tag": tag, "name": name, "btf": btf(btf_id), "funcs": fb.raw.hex(), "lines": lb.raw.hex()}


def theirs(p):
    os.environ["BCC_KERNEL_SOURCE"] = p["headers"]
    b = BPF(text=p["text"])
    maps = {}
    for i in range(lib.bpf_num_tables(b.module)):
        name = lib.bpf_table_name(b.module, i)
        maps[name.decode()] = describe_map(lib.bpf_table_fd(b.module, name))
    progs = {}
    for i in range(lib.bpf_num_functions(b.module)):
        name = lib.bpf_function_name(b.module, i)
        progs[name.decode()] = describe_prog(b.load_func(name, p["type"]).fd)
    return b, {"maps": maps, "progs": progs}


def ours(p):
    return {"maps": {n: describe_map(by_id(MAP_BY_ID, i)) for n, i in p["maps"].items()},
            "progs": {n: describe_prog(by_id(PROG_BY_ID, i)) for n, i in p["progs"].items()}}


keep, out = [], []
for program in json.load(sys.stdin)["programs"]:
    b, described = theirs(program)
    keep.append(b)
    out.append({"theirs": described, "ours": ours(program)})
json.dump(out, sys.stdout)
