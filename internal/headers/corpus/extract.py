#!/usr/bin/python3
"""Extracts the programs of BCC's own tools and examples, as they are just before libbcc would compile them.

    extract.py [--first] FOLDER [NAME...]

Each script runs, in a process of its own, with the options that its own help and documentation show as examples, with
each of its switches, and with kernel functions (kfunc) said to be there or not. The function that would compile is
replaced by one that writes the text down and ends the process. FOLDER gets TOOL-NUMBER.c, of which the first line has
the compiler's flags as JSON and the second the command, in comments. Equal programs are written once. With --first each
script runs only once, without options.

Needs python3-bpfcc and bpfcc-tools, and root, since scripts look into tracefs.
"""
import argparse, glob, hashlib, json, os, re, runpy, shlex, signal, subprocess, sys, time

import bcc

DOC = "/usr/share/doc/bpfcc-tools/examples"
SECONDS = 20  # for one run
LIMIT = 24  # runs of one script

# What scripts want that cannot do without arguments.
NEEDED = {
    "argdist": ["-H 'p::vfs_read(struct file *file, char *buf, size_t count):size_t:count'", "-C 't:sched:sched_switch():int:args->prev_pid'",
                "-C 'r:c:malloc():u64:$latency'", "-C 'p::do_sys_open(int dfd, const char *fn):char*:fn'"],
    "trace": ["do_nanosleep", "'do_sys_openat2 \"%s\", arg2@user'", "'t:block:block_rq_complete \"%d\", args->nr_sector'",
              "'p::vfs_read(struct file *file, char *buf, size_t count) (count > 20) \"%d\", count'", "-K -U 'r::do_sys_open \"%d\", retval'",
              "'c:malloc (arg1 > 100) \"%d\", arg1'", "-I 'linux/fs.h' 'vfs_open(struct path *path) \"%s\", path->dentry->d_name.name'"],
    "funccount": ["c:malloc", "t:sched:sched_sw*"],
    "stackcount": ["c:malloc", "t:sched:sched_switch", "-P -d c:malloc", "-U c:malloc", "-T -i 1 c:malloc"],
    "funclatency": ["c:read", "-u c:read", "-m -F c:read", "-p PID c:read"],
    "funcinterval": ["c:read", "-u c:read"], "funcslower": ["c:malloc 10", "-a 3 c:malloc", "-u -U c:malloc 5"],
    "inject": ["kmalloc -v 'SyS_mount()'", "bio -v 'should_fail_bio()'"],
    "ucalls": ["-l python PID", "-S PID", "-L PID", "-l c PID"], "uflow": ["-l python PID"], "ugc": ["-l python PID"],
    "uobjnew": ["-l c PID", "-l c -S 4 PID"], "ustat": ["-l python"], "uthreads": ["PID"],
    "dbstat": ["mysql -p PID"], "dbslower": ["mysql -x /bin/true"], "mysqld_qslower": ["PID"],
    "deadlock": ["PID", "--binary /usr/lib/x86_64-linux-gnu/libc.so.6 PID"], "killsnoop": ["-s 9"], "memleak": ["-p PID", "--percpu", "-O c"],
    "criticalstat": ["-p", "-i", "-d 100"], "xdp_drop_count": ["lo", "-S lo"], "xdp_macswap_count": ["lo"],
    "xdp_redirect_map": ["lo lo"], "xdp_redirect_cpu": ["lo 0"], "strlen_hist_ifunc": [""], "stack_buildid_example": [""],
    "nodejs_http_server": ["PID"], "mysqld_query": ["PID"], "undump": [""], "vfsreadlat": [""], "urandomread-explicit": [""],
    "ppchcalls": [""], "netqtop": ["-n lo"], "sslsniff": ["--no-openssl", "-l --handshake", "-x"], "cpuunclaimed": ["-j"],
    "sync_timing": [""], "nflatency": [""], "http-parse-simple": ["-i lo"], "tunnel": [""],
}


def commands(name, script):
    """Argument lists for a script, out of its help text, its documentation and NEEDED."""
    tool = name.replace("-bpfcc", "")
    lists = [""] + NEEDED.get(tool, [])
    texts = [open(script, errors="replace").read()]
    for doc in ("%s/doc/%s_example.txt" % (DOC, tool), os.path.splitext(script)[0] + "_example.txt"):
        if os.path.exists(doc):
            texts.append(open(doc, errors="replace").read())
    for text in texts:
        for m in re.finditer(r"(?:^|[ #])\./%s(?:\.py)?((?: [^\n#]*)?)" % re.escape(tool), text, re.M):
            lists.append(m.group(1).split("  ")[0])
    return lists


def compile_stub(out, command):
    def stub(text, debug, flags, count, *rest):
        if not text.strip():
            return 1  # some make an empty module first, for its methods
        cflags = [flags[i].decode() for i in range(count)]
        with open(out, "w") as f:
            f.write("// %s\n// %s\n" % (json.dumps(cflags), command.replace("\n", " ")))
            f.write(text.decode(errors="replace"))
        os._exit(0)
    return stub


def switches_stub(out):
    """parse_args that writes down which switches a script has, and goes on."""
    real = argparse.ArgumentParser.parse_args

    def parse_args(self, *a, **k):
        found = []
        for x in self._actions:
            if not x.option_strings or isinstance(x, argparse._HelpAction):
                continue
            if x.nargs == 0:
                found.append([x.option_strings[0]])
            elif x.choices:
                found += [[x.option_strings[0], str(c)] for c in x.choices]
            elif x.type is int:
                found.append([x.option_strings[0], "PID" if "pid" in x.dest else "1"])
        with open(out, "w") as f:
            json.dump(found, f)
        return real(self, *a, **k)
    return parse_args


def run(script, argv, out, kfunc, command):
    """Runs a script up to its first program."""
    pid = os.fork()
    if pid:
        end = time.time() + SECONDS
        while time.time() < end:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return
    os.setpgrp()
    null = os.open("/dev/null", os.O_RDWR)
    if not os.environ.get("EXTRACT_VERBOSE"):
        for fd in (0, 1, 2):
            os.dup2(null, fd)
    os.chdir(os.path.dirname(script))
    bcc.lib.bpf_module_create_c_from_string = compile_stub(out, command)
    bcc.BPF._trace_autoload = bcc.BPF.cleanup = lambda self: None
    bcc.BPF.support_kfunc = staticmethod(lambda: kfunc)
    bcc.BPF.support_lsm = staticmethod(lambda: kfunc)
    argparse.ArgumentParser.parse_args = switches_stub(out + ".switches")
    sys.argv = [script] + argv
    sys.path.insert(0, os.path.dirname(script))
    try:
        runpy.run_path(script, run_name="__main__")
    except BaseException:
        if os.environ.get("EXTRACT_VERBOSE"):
            import traceback
            traceback.print_exc()
    os._exit(1)


class Extractor(object):
    def __init__(self, folder, dummy, first):
        self.folder, self.dummy, self.first, self.seen, self.count = folder, str(dummy), first, set(), {}

    def argv(self, args):
        words = [self.dummy if w == "PID" else w for w in args]
        for i, w in enumerate(words):  # processes of the documentation are not here
            if i and words[i - 1] in ("-p", "--pid", "-P", "-t", "--tid", "-L") and w.isdigit():
                words[i] = self.dummy
        return words

    def one(self, name, script, args, kfunc):
        """One run; returns the switches that the script has."""
        out = os.path.join(self.folder, "running")
        for f in (out, out + ".switches"):
            if os.path.exists(f):
                os.remove(f)
        command = "%s %s%s" % (name, " ".join(args), " (kfunc)" if kfunc else "")
        run(script, self.argv(args), out, kfunc, command)
        switches = json.load(open(out + ".switches")) if os.path.exists(out + ".switches") else []
        if os.path.exists(out):
            self.keep(name, out)
        return switches

    def keep(self, name, out):
        text = open(out).read()
        lines = text.split("\n", 2)
        body = re.sub(r"\b%s\b" % self.dummy, "4242", lines[0] + lines[2])
        digest = hashlib.sha1(body.encode()).digest()
        if digest not in self.seen:
            self.seen.add(digest)
            self.count[name] = self.count.get(name, 0) + 1
            os.rename(out, os.path.join(self.folder, "%s-%02d.c" % (name, self.count[name])))

    def script(self, name, script):
        if self.first:
            self.one(name, script, (), False)
            return
        done, before = set(), self.count.get(name, 0)
        lists = []
        for text in commands(name, script):
            try:
                lists.append(tuple(shlex.split(re.sub(r"\$\([^)]*\)", "PID", text))))
            except ValueError:
                pass
        lists = list(dict.fromkeys(lists))
        base = tuple(shlex.split(NEEDED.get(name, [""])[0]))
        more = None
        while lists and len(done) < LIMIT:
            args = lists.pop(0)
            if args in done:
                continue
            done.add(args)
            switches = self.one(name, script, args, False)
            self.one(name, script, args, True)
            if more is None and switches:
                more = [tuple(s) + base for s in switches]
                lists += more
        print("%-24s %2d runs %2d programs" % (name, len(done), self.count.get(name, 0) - before), flush=True)


def scripts():
    for path in sorted(glob.glob("/usr/sbin/*-bpfcc") + glob.glob("/usr/sbin/u*")):
        with open(path, "rb") as f:
            head = f.read(65536)
        if b"python" in head.split(b"\n", 1)[0] and b"bcc" in head:
            yield os.path.basename(path).replace("-bpfcc", ""), path
    for path in sorted(glob.glob(DOC + "/*.py") + glob.glob(DOC + "/tracing/*.py") + glob.glob(DOC + "/networking/**/*.py", recursive=True)):
        if "simulation" not in path:
            yield os.path.splitext(os.path.basename(path))[0], path


def main():
    first = sys.argv[1] == "--first"
    del sys.argv[1:1 + first]
    folder = os.path.abspath(sys.argv[1])
    os.makedirs(folder, exist_ok=True)
    dummy = subprocess.Popen(["/usr/bin/python3", "-c", "import time; time.sleep(3600)"])
    try:
        e = Extractor(folder, dummy.pid, first)
        for name, path in scripts():
            if not sys.argv[2:] or name in sys.argv[2:]:
                e.script(name, path)
        print(sum(e.count.values()), "programs of", len(e.count), "scripts")
    finally:
        dummy.kill()
        dummy.wait()


if __name__ == "__main__":
    main()
