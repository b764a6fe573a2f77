# The peer of benchmark start that uses Python bcc.
import sys

from bcc import BPF

with open(sys.argv[1]) as f:
    b = BPF(text=f.read())
b.attach_tracepoint(tp="sched:sched_process_exec", fn_name="on_exec")
print("READY", flush=True)
sys.stdin.read()
