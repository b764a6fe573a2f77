/* Time. HZ comes from the configuration. */
#define NSEC_PER_USEC 1000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_SEC 1000000000L
#define USEC_PER_MSEC 1000L
#define USEC_PER_SEC 1000000L
#define MSEC_PER_SEC 1000L
#if defined(CONFIG_HZ)
#define HZ CONFIG_HZ
#define jiffies_to_msecs(j) ((unsigned int)((MSEC_PER_SEC / HZ) * (j)))
#define jiffies_to_usecs(j) ((unsigned int)((USEC_PER_SEC / HZ) * (j)))
#endif
#define KTIME_MAX ((s64)~((u64)1 << 63))
#define ktime_to_ns(kt) (kt)
#define ktime_to_us(kt) ((kt) / NSEC_PER_USEC)
#define ktime_to_ms(kt) ((kt) / NSEC_PER_MSEC)
