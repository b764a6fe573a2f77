#include <uapi/linux/ptrace.h>
#include <linux/blk-mq.h>
BPF_HASH(start, struct request *);
BPF_HISTOGRAM(dist);
int trace_done(struct pt_regs *ctx, struct request *req)
{
	u64 *tsp = start.lookup(&req), now = bpf_ktime_get_ns();
	if (!tsp) {
		start.update(&req, &now);
		return 0;
	}
	if (req->q && req->q->disk && req_op(req) == REQ_OP_READ && !(req->cmd_flags & REQ_SYNC))
		dist.increment(bpf_log2l(blk_rq_bytes(req) + req->q->disk->first_minor + rq_data_dir(req) + MINOR(5)));
	return 0;
}
