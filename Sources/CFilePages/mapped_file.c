#define _GNU_SOURCE
#include "file_pages.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/// What the handler looks through. A place is free while its `start` is 0, and claimed by `claimed`.
struct place {
    atomic_bool claimed;
    atomic_bool broken;
    atomic_uintptr_t start;
    atomic_size_t count;
};

enum { place_count = 64 };
static struct place places[place_count];
static struct sigaction previous;
static uintptr_t page_size;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct place *place_of(uintptr_t address) {
    for (int index = 0; index < place_count; index++) {
        uintptr_t start = atomic_load(&places[index].start);
        if (start != 0 && address - start < atomic_load(&places[index].count)) return &places[index];
    }
    return NULL;
}

/// A page of a mapping is missing: the rest of the mapping becomes zeros, and the reading goes on.
static void fill_with_zeros(struct place *place, uintptr_t address) {
    int saved = errno;
    uintptr_t page = address & ~(page_size - 1);
    uintptr_t end = atomic_load(&place->start) + atomic_load(&place->count);
    atomic_store(&place->broken, true);
    mmap((void *)page, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    errno = saved;
}

static void page_is_missing(int number, siginfo_t *info, void *context) {
    (void)context;
    struct place *place = info->si_code > 0 ? place_of((uintptr_t)info->si_addr) : NULL;
    if (place) return fill_with_zeros(place, (uintptr_t)info->si_addr);
    // Not ours: whoever was here before sees to it when the same access faults again.
    sigaction(SIGBUS, &previous, NULL);
    if (info->si_code <= 0) raise(number);
}

static void install(void) {
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {.sa_sigaction = page_is_missing, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

static struct place *claim(void) {
    for (int index = 0; index < place_count; index++) {
        bool expected = false;
        if (atomic_compare_exchange_strong(&places[index].claimed, &expected, true)) return &places[index];
    }
    return NULL;
}

const void *normscope_map_file(int descriptor, size_t count) {
    pthread_once(&once, install);
    struct place *place = claim();
    if (!place) return NULL;
    void *mapping = mmap(NULL, count, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapping == MAP_FAILED) {
        atomic_store(&place->claimed, false);
        return NULL;
    }
    madvise(mapping, count, MADV_HUGEPAGE);
    atomic_store(&place->broken, false);
    atomic_store(&place->count, count);
    atomic_store(&place->start, (uintptr_t)mapping);
    return mapping;
}

bool normscope_mapping_is_broken(const void *mapping) {
    struct place *place = place_of((uintptr_t)mapping);
    return place && atomic_load(&place->broken);
}

void normscope_mapping_prepare(const void *start, size_t count) {
#ifdef MADV_POPULATE_READ
    uintptr_t first = (uintptr_t)start & ~(page_size - 1);
    madvise((void *)first, (uintptr_t)start + count - first, MADV_POPULATE_READ);
#else
    (void)start, (void)count;
#endif
}

void normscope_unmap_file(const void *mapping) {
    struct place *place = place_of((uintptr_t)mapping);
    if (!place) return;
    atomic_store(&place->start, 0);
    munmap((void *)mapping, atomic_load(&place->count));
    atomic_store(&place->claimed, false);
}
