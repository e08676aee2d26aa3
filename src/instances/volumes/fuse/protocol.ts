/** Numbers of the kernel's FUSE protocol (linux/fuse.h), for version 7.31 and what is compatible with it. */
export const PROTOCOL = { major: 7, minor: 31 } as const;

/** What the kernel asks for (enum fuse_opcode). */
export const OPCODE = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  CREATE: 35,
  DESTROY: 38,
  BATCH_FORGET: 42,
  FALLOCATE: 43,
  RENAME2: 45,
} as const;

/** Bits of fuse_init_in.flags and fuse_init_out.flags that are asked for. */
export const INIT_FLAG = {
  ASYNC_READ: 1 << 0,
  ATOMIC_O_TRUNC: 1 << 3,
  BIG_WRITES: 1 << 5,
  PARALLEL_DIROPS: 1 << 18,
  MAX_PAGES: 1 << 22,
} as const;

/** Bits of fuse_open_out.open_flags. */
export const OPEN_REPLY = { DIRECT_IO: 1 << 0, KEEP_CACHE: 1 << 1 } as const;

/** Bits of fuse_setattr_in.valid. */
export const SETATTR = { SIZE: 1 << 3, MTIME: 1 << 5, FH: 1 << 6, MTIME_NOW: 1 << 8 } as const;

export const ROOT_NODE = 1;
export const IN_HEADER_BYTES = 40;
export const OUT_HEADER_BYTES = 16;
/** Pages of one request at most; the kernel's own limit. */
export const MAX_PAGES = 256;
export const MAX_WRITE_BYTES = MAX_PAGES * 4096;
/** Largest request: a write with its headers. */
export const REQUEST_BYTES = MAX_WRITE_BYTES + 4096;

/** Types of directory entries (the upper bits of a mode), and their modes. */
export const FILE_TYPE = { directory: 0o040000, file: 0o100000, symlink: 0o120000 } as const;
export type FileKind = keyof typeof FILE_TYPE;
