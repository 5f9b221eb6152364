/// How a file's pages come into memory and get to the disk. C, because a missing page is told of by a signal, whose handler
/// must do with what little a handler may do, and because Swift's Glibc module leaves out what only Linux has.
#pragma once
#include <stdbool.h>
#include <stddef.h>

/// Maps the first `count` bytes of a file. From where another program cuts the file off while it is mapped, the mapping
/// reads as zeros instead of ending this program.
///
/// Returns NULL if the system can't map the file, or if too many are mapped.
const void *normscope_map_file(int descriptor, size_t count);

/// Whether a page was missing: what was read from the mapping since may be zeros that are not in the file.
bool normscope_mapping_is_broken(const void *mapping);

/// Brings a stretch of the mapping into memory in one call, which costs less than a fault for each of its pages.
void normscope_mapping_prepare(const void *start, size_t count);

void normscope_unmap_file(const void *mapping);

/// Lets the disk begin with a stretch of a file that was written, without waiting for it. A hint that can't fail.
void normscope_begin_synchronizing(int descriptor, long long offset, long long count);
