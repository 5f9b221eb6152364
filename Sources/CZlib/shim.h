/// zlib for checkpoints (zip entries: crc32, inflate) and data sets (gzip).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

/// `inflateInit2` is a macro, which Swift does not import.
static inline int normscope_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

/// Nonzero if this processor multiplies without carries.
static inline int normscope_multiplies_without_carry(void) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_PCLMUL) != 0 && (c & bit_SSE4_1) != 0;
}

/// Moves 128 bits of the remainder over the distance that the two constants stand for, onto the bits of `next`.
__attribute__((target("pclmul,sse4.1")))
static inline __m128i normscope_fold(__m128i bits, __m128i constants, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(bits, constants, 0x00);
    __m128i high = _mm_clmulepi64_si128(bits, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/// The raw (inverted) CRC-32 register after `count` more bytes, a multiple of 16 and at least 64: Gopal and others, "Fast
/// CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009), with its constants for the reflected
/// polynomial. Four streams of 16 bytes are folded side by side, then into one, then reduced to 32 bits.
__attribute__((target("pclmul,sse4.1")))
static inline uint32_t normscope_crc32_blocks(uint32_t raw, const unsigned char *bytes, size_t count) {
    const __m128i by64 = _mm_set_epi64x(0x1C6E41596, 0x154442BD4);
    const __m128i by16 = _mm_set_epi64x(0x0CCAA009E, 0x1751997D0);
    const __m128i by8 = _mm_set_epi64x(0, 0x163CD6124);
    const __m128i barrett = _mm_set_epi64x(0x1F7011641, 0x1DB710641);
    const __m128i lower32 = _mm_setr_epi32(-1, 0, -1, 0);
    const __m128i *next = (const __m128i *)bytes;
    __m128i lane[4];
    for (int index = 0; index < 4; index++) lane[index] = _mm_loadu_si128(next + index);
    lane[0] = _mm_xor_si128(lane[0], _mm_cvtsi32_si128((int)raw));
    next += 4;
    for (count -= 64; count >= 64; count -= 64, next += 4) {
        for (int index = 0; index < 4; index++) {
            lane[index] = normscope_fold(lane[index], by64, _mm_loadu_si128(next + index));
        }
    }
    __m128i bits = lane[0];
    for (int index = 1; index < 4; index++) bits = normscope_fold(bits, by16, lane[index]);
    for (; count >= 16; count -= 16, next++) bits = normscope_fold(bits, by16, _mm_loadu_si128(next));

    // 128 bits to 96, to 64, and Barrett's reduction to 32.
    bits = _mm_xor_si128(_mm_srli_si128(bits, 8), _mm_clmulepi64_si128(bits, by16, 0x10));
    __m128i upper = _mm_srli_si128(bits, 4);
    bits = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(bits, lower32), by8, 0x00), upper);
    __m128i quotient = _mm_and_si128(_mm_clmulepi64_si128(_mm_and_si128(bits, lower32), barrett, 0x10), lower32);
    bits = _mm_xor_si128(bits, _mm_clmulepi64_si128(quotient, barrett, 0x00));
    return (uint32_t)_mm_extract_epi32(bits, 1);
}

#endif

/// zlib's crc32, several times as fast where the processor helps.
static inline uint32_t normscope_crc32(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *next = (const unsigned char *)bytes;
#if defined(__x86_64__)
    if (count >= 64 && normscope_multiplies_without_carry()) {
        size_t whole = count / 16 * 16;
        crc = ~normscope_crc32_blocks(~crc, next, whole);
        next += whole;
        count -= whole;
    }
#endif
    return (uint32_t)crc32_z(crc, next, count);
}
