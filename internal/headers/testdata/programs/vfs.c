#include <linux/fs.h>
#include <linux/dcache.h>
struct val_t { char name[DNAME_INLINE_LEN]; char inlined[DNAME_INLINE_LEN]; u32 mode; u64 inode; u32 dev; };
BPF_PERF_OUTPUT(events);
int trace_read(struct pt_regs *ctx, struct file *file, char __user *buf, size_t count)
{
	struct val_t val = {};
	struct dentry *de = file->f_path.dentry;
	struct qstr d_name = de->d_name;
	if (d_name.len == 0 || S_ISSOCK(file->f_inode->i_mode) || !(file->f_mode & FMODE_READ))
		return 0;
	bpf_probe_read_kernel(&val.name, sizeof(val.name), (void *)d_name.name);
	bpf_probe_read_kernel(&val.inlined, sizeof(val.inlined), de->d_iname);
	val.mode = file->f_inode->i_mode;
	val.inode = file->f_inode->i_ino;
	val.dev = de->d_sb->s_dev;
	events.perf_submit(ctx, &val, sizeof(val));
	return 0;
}
