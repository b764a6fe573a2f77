/* Files. These values have not changed since 4.18. */
#define FMODE_READ ((fmode_t)0x1)
#define FMODE_WRITE ((fmode_t)0x2)
#define FMODE_EXEC ((fmode_t)0x20)
#define FMODE_OPENED ((fmode_t)0x80000)
#define FMODE_CREATED ((fmode_t)0x100000)
#define MAY_EXEC 0x00000001
#define MAY_WRITE 0x00000002
#define MAY_READ 0x00000004
#define MAY_APPEND 0x00000008
#define MAY_ACCESS 0x00000010
#define MAY_OPEN 0x00000020
#define file_inode(f) ((f)->f_inode)
#define file_dentry(f) ((f)->f_path.dentry)
#define d_inode(d) ((d)->d_inode)
#define S_ISREG(m) (((m) & S_IFMT) == S_IFREG)
#define S_ISDIR(m) (((m) & S_IFMT) == S_IFDIR)
#define S_ISLNK(m) (((m) & S_IFMT) == S_IFLNK)
#define S_ISCHR(m) (((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m) (((m) & S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m) & S_IFMT) == S_IFIFO)
#define S_ISSOCK(m) (((m) & S_IFMT) == S_IFSOCK)

/* The room for short names in a dentry. It became a union in 6.14. */
#if has(struct dentry, d_iname)
#define DNAME_INLINE_LEN sizeof(((struct dentry *)0)->d_iname)
#elif has(struct dentry, d_shortname)
#define DNAME_INLINE_LEN sizeof(((struct dentry *)0)->d_shortname)
#endif

/* Security hooks' options; of capable they were an int before 5.1. */
#define CAP_OPT_NONE 0x0
#define CAP_OPT_NOAUDIT BIT(1)
#define CAP_OPT_INSETID BIT(2)
