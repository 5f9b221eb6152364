#define _GNU_SOURCE
#include "file_pages.h"

#include <errno.h>
#include <fcntl.h>

void normscope_begin_synchronizing(int descriptor, long long offset, long long count) {
    int saved = errno;
    sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
    errno = saved;
}
