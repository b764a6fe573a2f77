// flags: -DTASK_DEAD=5 -D EXIT_ZOMBIE=struct -DREQ_OP_READ=77
#include <linux/sched.h>
#include <linux/blkdev.h>
/* All of these are the kernel's names too. */
struct nameidata { int mine; };
struct list_head { int own; };
typedef struct { u64 own; } atomic_t;
typedef unsigned long gfp_t;
typedef unsigned int u32;
enum own { TCP_CLOSE = 70, PIDTYPE_PID = 71 };
enum { IRQ_NONE = 3 };
#define TASK_RUNNING 17
#define NSEC_PER_SEC 5
#ifndef NSEC_PER_MSEC
#define NSEC_PER_MSEC 9
#endif
#define HRTIMER_NORESTART 9
struct sock { u32 *sk_daddr; int sk_family; };
BPF_HASH(start, u32);
BPF_HASH(time64_t, u32);
static inline u64 max(u64 a, u64 b) { return a > b ? a : b; }
static u64 div_u64(u64 a, u64 b) { return a / b; }
int prog(struct pt_regs *ctx, struct nameidata *nd, struct sock *sk)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct task_struct *current = task;
	struct list_head head = {.own = TCP_CLOSE};
	atomic_t a = {.own = TASK_RUNNING};
	gfp_t gfp = IRQ_NONE + TASK_DEAD + REQ_OP_READ;
	u32 key = current->pid;
	_Static_assert(sizeof(gfp) == 8 && sizeof(a) == 8 && sizeof(head) == 4, "sizes");
	_Static_assert(TASK_RUNNING == 17 && TCP_CLOSE == 70 && TASK_DEAD == 5 && REQ_OP_READ == 77, "values");
	_Static_assert(NSEC_PER_SEC == 5 && NSEC_PER_MSEC == 1000000, "macros");
	start.increment(key);
	time64_t.increment(key);
	return nd->mine + head.own + a.own + gfp + max(1, 2) + div_u64(task->tasks.next != 0, 2) + sk->sk_family;
}
