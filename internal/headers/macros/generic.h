/* C's own, from headers that a kernel program does not have. */
#define NULL ((void *)0)
#define true 1
#define false 0
#define offsetof(TYPE, MEMBER) __builtin_offsetof(TYPE, MEMBER)
#define memcpy(d, s, n) __builtin_memcpy(d, s, n)
#define memset(d, c, n) __builtin_memset(d, c, n)
#define memcmp(a, b, n) __builtin_memcmp(a, b, n)
#define memmove(d, s, n) __builtin_memmove(d, s, n)
#define strlen(s) __builtin_strlen(s)

/* Limits; the kernel's are those of C on a 64-bit machine. */
#define U8_MAX ((u8)~0U)
#define S8_MAX ((s8)(U8_MAX >> 1))
#define U16_MAX ((u16)~0U)
#define S16_MAX ((s16)(U16_MAX >> 1))
#define U32_MAX ((u32)~0U)
#define S32_MAX ((s32)(U32_MAX >> 1))
#define U64_MAX ((u64)~0ULL)
#define S64_MAX ((s64)(U64_MAX >> 1))
#define USHRT_MAX ((unsigned short)~0U)
#define SHRT_MAX ((short)(USHRT_MAX >> 1))
#define UINT_MAX (~0U)
#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define ULONG_MAX (~0UL)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define ULLONG_MAX (~0ULL)
#define LLONG_MAX ((long long)(~0ULL >> 1))
#define SIZE_MAX (~(size_t)0)
#define UINT8_MAX U8_MAX
#define UINT16_MAX U16_MAX
#define UINT32_MAX U32_MAX
#define UINT64_MAX U64_MAX

/* From the member to what holds it: lists and trees of the kernel. */
#define offsetofend(TYPE, MEMBER) (offsetof(TYPE, MEMBER) + sizeof(((TYPE *)0)->MEMBER))
#define sizeof_field(TYPE, MEMBER) sizeof((((TYPE *)0)->MEMBER))
#define FIELD_SIZEOF(t, f) (sizeof(((t*)0)->f))
#define container_of(ptr, type, member) ({ void *__mptr = (void *)(ptr); ((type *)(__mptr - offsetof(type, member))); })
#define container_of_const(ptr, type, member) container_of(ptr, type, member)
#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(ptr, type, member) list_entry((ptr)->next, type, member)
#define list_last_entry(ptr, type, member) list_entry((ptr)->prev, type, member)
#define list_next_entry(pos, member) list_entry((pos)->member.next, typeof(*(pos)), member)
#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define HLIST_HEAD_INIT { .first = NULL }
#define ARRAY_SIZE(arr) (sizeof(arr) / sizeof((arr)[0]))

/* Arithmetic. The kernel's own min and max check types in ways that BCC's rewriter trips over. */
#define min(x, y) ({ typeof(x) __min1 = (x); typeof(y) __min2 = (y); __min1 < __min2 ? __min1 : __min2; })
#define max(x, y) ({ typeof(x) __max1 = (x); typeof(y) __max2 = (y); __max1 > __max2 ? __max1 : __max2; })
#define min_t(type, x, y) ({ type __min1 = (x); type __min2 = (y); __min1 < __min2 ? __min1 : __min2; })
#define max_t(type, x, y) ({ type __max1 = (x); type __max2 = (y); __max1 > __max2 ? __max1 : __max2; })
#define clamp(val, lo, hi) min((typeof(val))max(val, lo), hi)
#define swap(a, b) do { typeof(a) __tmp = (a); (a) = (b); (b) = __tmp; } while (0)
#define abs(x) ({ typeof(x) __abs = (x); __abs < 0 ? -__abs : __abs; })
#define BIT(nr) (1UL << (nr))
#define BIT_ULL(nr) (1ULL << (nr))
#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define BITS_PER_LONG_LONG 64
#define BITS_TO_LONGS(nr) DIV_ROUND_UP(nr, BITS_PER_LONG)
#define GENMASK(h, l) (((~0UL) - (1UL << (l)) + 1) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ALIGN(x, a) __ALIGN_KERNEL_MASK(x, (typeof(x))(a) - 1)
#define __ALIGN_KERNEL_MASK(x, mask) (((x) + (mask)) & ~(mask))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define div_u64(dividend, divisor) ((u64)(dividend) / (u32)(divisor))
#define div64_u64(dividend, divisor) ((u64)(dividend) / (u64)(divisor))
#define do_div(n, base) ({ u32 __rem = (u64)(n) % (u32)(base); (n) = (u64)(n) / (u32)(base); __rem; })
#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)(n))
#define _AC(X, Y) __AC(X, Y)
#define __AC(X, Y) (X##Y)
#define _AT(T, X) ((T)(X))
#define UL(x) (_UL(x))
#define ULL(x) (_ULL(x))
#define _UL(x) (_AC(x, UL))
#define _ULL(x) (_AC(x, ULL))

/* libbcc's helpers.h sizes ring buffers with it, so it must be a constant expression. */
#define roundup_pow_of_two(n) ((n) <= 1 ? 1UL : (1UL << (__gobcc_log2((n) - 1) + 1)))
#define ilog2(n) __gobcc_log2(n)
#define is_power_of_2(n) ((n) != 0 && ((n) & ((n) - 1)) == 0)
#define __gobcc_log2(n) ((n) < 2 ? 0 : 63 - __builtin_clzll((unsigned long long)(n)))

/* Errors in pointers. */
#define MAX_ERRNO 4095
#define IS_ERR_VALUE(x) unlikely((unsigned long)(void *)(x) >= (unsigned long)-MAX_ERRNO)
#define IS_ERR(ptr) IS_ERR_VALUE((unsigned long)(ptr))
#define IS_ERR_OR_NULL(ptr) (!(ptr) || IS_ERR(ptr))
#define PTR_ERR(ptr) ((long)(ptr))
#define ERR_PTR(e) ((void *)(long)(e))

/* Inline functions that read one member. */
#define atomic_read(v) ((v)->counter)
#define atomic64_read(v) ((v)->counter)
#define atomic_long_read(v) ((v)->counter)
#define refcount_read(r) ((r)->refs.counter)
#define kref_read(r) ((r)->refcount.refs.counter)
