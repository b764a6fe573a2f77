/* Numbers of devices, as the kernel packs them. */
#define MINORBITS 20
#define MINORMASK ((1U << MINORBITS) - 1)
#define MAJOR(dev) ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev) ((unsigned int)((dev) & MINORMASK))
#define MKDEV(ma, mi) (((ma) << MINORBITS) | (mi))
#define new_encode_dev(dev) ((MINOR(dev) & 0xff) | (MAJOR(dev) << 8) | ((MINOR(dev) & ~0xff) << 12))

/*
 * Block input and output. The kinds of requests, and the numbers of
 * flags, are enumerators, in BTF.
 */
#define DISK_NAME_LEN 32
#define SECTOR_SHIFT 9
#define SECTOR_SIZE (1 << SECTOR_SHIFT)
#define REQ_OP_BITS 8
#define REQ_OP_MASK ((1 << REQ_OP_BITS) - 1)
#define REQ_SYNC (1ULL << __REQ_SYNC)
#define REQ_META (1ULL << __REQ_META)
#define REQ_PRIO (1ULL << __REQ_PRIO)
#define REQ_NOMERGE (1ULL << __REQ_NOMERGE)
#define REQ_IDLE (1ULL << __REQ_IDLE)
#define REQ_INTEGRITY (1ULL << __REQ_INTEGRITY)
#define REQ_FUA (1ULL << __REQ_FUA)
#define REQ_PREFLUSH (1ULL << __REQ_PREFLUSH)
#define REQ_RAHEAD (1ULL << __REQ_RAHEAD)
#define REQ_BACKGROUND (1ULL << __REQ_BACKGROUND)
#define REQ_NOWAIT (1ULL << __REQ_NOWAIT)
#define REQ_POLLED (1ULL << __REQ_POLLED)
#define REQ_SWAP (1ULL << __REQ_SWAP)
#define REQ_FAILFAST_DEV (1ULL << __REQ_FAILFAST_DEV)
#define REQ_FAILFAST_TRANSPORT (1ULL << __REQ_FAILFAST_TRANSPORT)
#define REQ_FAILFAST_DRIVER (1ULL << __REQ_FAILFAST_DRIVER)
#define READ 0
#define WRITE 1
#define op_is_write(op) ((op) & 1)
#define req_op(req) ((req)->cmd_flags & REQ_OP_MASK)
#define bio_op(bio) ((bio)->bi_opf & REQ_OP_MASK)
#define rq_data_dir(rq) (op_is_write(req_op(rq)) ? WRITE : READ)
#define bio_data_dir(bio) (op_is_write(bio_op(bio)) ? WRITE : READ)
#define blk_rq_pos(rq) ((rq)->__sector)
#define blk_rq_bytes(rq) ((rq)->__data_len)
#define blk_rq_sectors(rq) (blk_rq_bytes(rq) >> SECTOR_SHIFT)
#define disk_devt(disk) MKDEV((disk)->major, (disk)->first_minor)
#if has(struct bio, bi_bdev)
#define bio_dev(bio) disk_devt((bio)->bi_bdev->bd_disk)
#else
#define bio_dev(bio) disk_devt((bio)->bi_disk)
#endif
