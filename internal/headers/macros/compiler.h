/* Words for compilers and checkers: BTF has none of them, and programs copied from kernel sources carry them along. */
#define __user
#define __kernel
#define __iomem
#define __rcu
#define __percpu
#define __force
#define __nocast
#define __must_check
#define __maybe_unused __attribute__((__unused__))
#define __always_unused __attribute__((__unused__))
#define __always_inline inline __attribute__((__always_inline__))
#define noinline __attribute__((__noinline__))
#define __noinline __attribute__((__noinline__))
#define __packed __attribute__((__packed__))
#define __aligned(x) __attribute__((__aligned__(x)))
#define __used __attribute__((__used__))
#define __weak __attribute__((__weak__))
#define __randomize_layout
#define ____cacheline_aligned
#define ____cacheline_aligned_in_smp
#define asmlinkage
#define notrace
#define __init
#define __exit
#define fallthrough do {} while (0)
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("": : :"memory")
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, val) do { *(volatile typeof(x) *)&(x) = (val); } while (0)
#define EXPORT_SYMBOL(x)
#define MODULE_LICENSE(x)
#define KERN_INFO ""
#define KERN_ERR ""
#define KERN_WARNING ""
#define KERN_DEBUG ""

/* IS_ENABLED looks at what a CONFIG_ name is defined as, by pasting it to a prefix: include/linux/kconfig.h. */
#define IS_ENABLED(option) __gobcc_or(IS_BUILTIN(option), IS_MODULE(option))
#define IS_BUILTIN(option) __gobcc_defined(option)
#define IS_MODULE(option) __gobcc_defined(option##_MODULE)
#define IS_REACHABLE(option) IS_BUILTIN(option)
#define __gobcc_or(x, y) ___gobcc_or(x, y)
#define ___gobcc_or(x, y) ____gobcc_or(__GOBCC_ARG_##x, y)
#define ____gobcc_or(arg, y) __gobcc_second(arg 1, y)
#define __gobcc_defined(x) ___gobcc_defined(x)
#define ___gobcc_defined(v) ____gobcc_defined(__GOBCC_ARG_##v)
#define ____gobcc_defined(arg) __gobcc_second(arg 1, 0)
#define __gobcc_second(i, v, ...) v
#define __GOBCC_ARG_1 0,
