// flags: -DWANTED=2
#include <linux/sched.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(4, 8, 0)
struct task_struct { int old; };
#endif
#if !defined(CONFIG_BPF_SYSCALL) || (WANTED + 1 != 3)
struct sock { int none; };
#elif defined(__KERNEL__)
typedef int mine_t;
#else
struct inode { int none; };
#endif
#ifdef WANTED
#include "own.h"
#endif
int prog(struct pt_regs *ctx, struct sock *sk, struct inode *inode)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	mine_t x = OWN_VALUE + own_pid(task);
	return task->pid + sk->__sk_common.skc_family + inode->i_ino + x;
}
