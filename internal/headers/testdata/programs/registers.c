#include <linux/ptrace.h>
#include <uapi/linux/bpf_perf_event.h>
BPF_STACK_TRACE(stacks, 1024);
int on_call(struct pt_regs *ctx, const char *name)
{
	struct pt_regs *inner = PT_REGS_SYSCALL_CTX(ctx);
	bpf_trace_printk("%lx %lx %lx\n", PT_REGS_PARM1(ctx), PT_REGS_PARM4_SYSCALL(inner), PT_REGS_IP(ctx));
	return PT_REGS_RC(ctx) + PT_REGS_SP(ctx) + PT_REGS_FP(ctx);
}
int on_sample(struct bpf_perf_event_data *ctx) { return ctx->sample_period + stacks.get_stackid(&ctx->regs, BPF_F_USER_STACK); }
