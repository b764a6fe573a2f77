#ifndef OWN_H
#define OWN_H
#include <linux/fs.h>
#define OWN_VALUE (AF_INET + EPERM)
static inline int own_pid(struct task_struct *t) { return t->signal->nr_threads + t->fs->umask; }
#endif
