// CRC-32C by the processor's own instruction. C, because Swift has no way to name the instruction and no way to give one
// function a wider instruction set than the rest of the program; the caller asks checksum_hardware() first.
#ifndef NORMSCOPE_CHECKSUM_H
#define NORMSCOPE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

#include <cpuid.h>

/// Nonzero if this processor has the instruction that checksum_extend() is made of.
static inline int checksum_hardware(void) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2) != 0;
}

/// The raw (not inverted) CRC-32C register after `count` more bytes.
__attribute__((target("sse4.2")))
static inline uint32_t checksum_extend(uint32_t raw, const void *bytes, size_t count) {
    const uint8_t *next = (const uint8_t *)bytes;
    uint64_t wide = raw;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    uint32_t narrow = (uint32_t)wide;
    if (count & 4) {
        uint32_t word;
        memcpy(&word, next, 4);
        narrow = __builtin_ia32_crc32si(narrow, word);
        next += 4;
    }
    if (count & 2) {
        uint16_t word;
        memcpy(&word, next, 2);
        narrow = __builtin_ia32_crc32hi(narrow, word);
        next += 2;
    }
    if (count & 1) {
        narrow = __builtin_ia32_crc32qi(narrow, *next);
    }
    return narrow;
}

#elif defined(__ARM_FEATURE_CRC32)

#include <arm_acle.h>

static inline int checksum_hardware(void) { return 1; }

static inline uint32_t checksum_extend(uint32_t raw, const void *bytes, size_t count) {
    const uint8_t *next = (const uint8_t *)bytes;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        raw = __crc32cd(raw, word);
    }
    for (; count > 0; count -= 1, next += 1) {
        raw = __crc32cb(raw, *next);
    }
    return raw;
}

#else

static inline int checksum_hardware(void) { return 0; }

/// Never called: checksum_hardware() says no.
static inline uint32_t checksum_extend(uint32_t raw, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return raw;
}

#endif

#endif
