/// The kind of file system a path is on. C, because Swift's Glibc module leaves <sys/statfs.h> out.
#ifndef NORMSCOPE_FILE_SYSTEM_H
#define NORMSCOPE_FILE_SYSTEM_H

#include <sys/statfs.h>

/// The file system's magic number, as statfs(2) lists them; 0 if it can't be told.
static inline unsigned long normscope_file_system_kind(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (unsigned long)(unsigned int)status.f_type : 0;
}

#endif
