#include <linux/bpf.h>
#include <linux/seq_file.h>
BPF_ITER(task)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	if (task == (void *)0)
		return 0;
	bpf_seq_write(seq, &task->pid, sizeof(task->pid));
	return 0;
}
KFUNC_PROBE(vfs_read, struct file *file, void *buf, size_t count) { return file->f_inode->i_ino; }
LSM_PROBE(bpf, int cmd, union bpf_attr *attr, unsigned int size) { return attr->map_type; }
