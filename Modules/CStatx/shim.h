#pragma once
#include <stdint.h>

#ifdef __linux__
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The inode and birth time (ns) of an open file; -1 where the file system does not tell. The C library declares statx for
// GNU sources only, which Swift's view of it is none of.
static inline int stator_file_origin(int file, uint64_t *inode, int64_t *birth) {
    struct statx found;
    const unsigned int mask = STATX_INO | STATX_BTIME;
    const int empty_path = 0x1000;
    if (syscall(SYS_statx, file, "", empty_path, mask, &found) != 0) return -1;
    if ((found.stx_mask & mask) != mask) return -1;
    *inode = found.stx_ino;
    *birth = (int64_t)found.stx_btime.tv_sec * 1000000000 + found.stx_btime.tv_nsec;
    return 0;
}
#endif
