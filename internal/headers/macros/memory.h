/* Pages. Their size is part of the configuration, except on x86. libbcc's helpers.h wants PAGE_SIZE. */
#if defined(__x86_64__)
#define PAGE_SHIFT 12
#elif defined(CONFIG_ARM64_64K_PAGES) || defined(CONFIG_PAGE_SIZE_64KB) || defined(CONFIG_PPC_64K_PAGES)
#define PAGE_SHIFT 16
#elif defined(CONFIG_ARM64_16K_PAGES) || defined(CONFIG_PAGE_SIZE_16KB)
#define PAGE_SHIFT 14
#else
#define PAGE_SHIFT 12
#endif
#define PAGE_SIZE (_AC(1, UL) << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(addr) ALIGN(addr, PAGE_SIZE)
#if defined(__x86_64__)
#define __PAGE_OFFSET_BASE_L4 _AC(0xffff888000000000, UL)
#define __PAGE_OFFSET_BASE_L5 _AC(0xff11000000000000, UL)
#define __START_KERNEL_map _AC(0xffffffff80000000, UL)
#endif

/* Since 5.18 a folio's first page lies in the folio itself. */
#if has(struct folio, page)
#define folio_page(folio, n) (&(folio)->page + (n))
#endif
#define page_folio(p) ((struct folio *)(p))

/* Scatter lists keep flags in the lowest bits of a pointer. */
#define sg_page_link_flags(sg) ((sg)->page_link & 3UL)
#define sg_is_chain(sg) ((sg)->page_link & 1UL)
#define sg_is_last(sg) ((sg)->page_link & 2UL)
#define sg_chain_ptr(sg) ((struct scatterlist *)((sg)->page_link & ~3UL))
