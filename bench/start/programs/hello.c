// The smallest program: one function, no includes.
int on_exec(struct tracepoint__sched__sched_process_exec *args)
{
	bpf_trace_printk("exec\n");
	return 0;
}
