// A program of the size of BCC's tools: the headers of tasks, files and sockets, a hash, a histogram, events and stacks.
#include <uapi/linux/ptrace.h>
#include <linux/sched.h>
#include <linux/fs.h>
#include <net/sock.h>
#include <linux/tcp.h>

struct event {
	u64 since; // nanoseconds since the task's last execve, 0: none is known
	u32 pid;
	u32 parent;
	int stack;
	char task[TASK_COMM_LEN];
};

BPF_HASH(last, u32, u64);
BPF_HISTOGRAM(distances);
BPF_STACK_TRACE(stacks, 1024);
BPF_PERF_OUTPUT(events);

int on_exec(struct tracepoint__sched__sched_process_exec *args)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	u64 now = bpf_ktime_get_ns();
	struct event e = {};

	e.pid = bpf_get_current_pid_tgid() >> 32;
	e.parent = task->real_parent->tgid;
	e.stack = stacks.get_stackid(args, 0);
	bpf_get_current_comm(&e.task, sizeof(e.task));
	u64 *before = last.lookup(&e.pid);
	if (before) {
		e.since = now - *before;
		distances.increment(bpf_log2l(e.since));
	}
	last.update(&e.pid, &now);
	events.perf_submit(args, &e, sizeof(e));
	return 0;
}
