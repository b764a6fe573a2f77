BPF_HASH(counts, u32, u64);
TRACEPOINT_PROBE(sched, sched_switch)
{
	u32 key = args->prev_pid;
	if (args->prev_state == TASK_RUNNING)
		counts.increment(key);
	return 0;
}
TRACEPOINT_PROBE(syscalls, sys_enter_openat)
{
	char name[32];
	bpf_probe_read_user_str(name, sizeof(name), args->filename);
	bpf_trace_printk("%s %d\n", name, args->flags & O_CREAT);
	return 0;
}
int tracepoint__raw_syscalls__sys_exit(struct tracepoint__raw_syscalls__sys_exit *args) { return args->id == __NR_read; }
RAW_TRACEPOINT_PROBE(sched_wakeup)
{
	struct task_struct *p = (struct task_struct *)ctx->args[0];
	return p->prio;
}
