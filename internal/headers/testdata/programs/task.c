#include <linux/sched.h>
BPF_PERF_OUTPUT(events);
struct data_t { u32 pid, ppid; u64 start; char comm[TASK_COMM_LEN]; };
int on_open(struct pt_regs *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct data_t data = {};
	data.pid = task->tgid;
	data.ppid = task->real_parent->tgid;
	data.start = task->start_time / NSEC_PER_SEC;
	if (task->flags & PF_KTHREAD || task->nsproxy->pid_ns_for_children->level > MAX_PID_NS_LEVEL)
		return 0;
	bpf_get_current_comm(&data.comm, sizeof(data.comm));
	events.perf_submit(ctx, &data, sizeof(data));
	return 0;
}
