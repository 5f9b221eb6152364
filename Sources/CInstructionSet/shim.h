/// What the instruction set that the kernels are built for offers. A C header sees the macros that `-march` defines; Swift
/// sees the functions made of them here, and the optimiser removes the branches that don't apply.
#pragma once

/// Whether a fused multiply-add is one instruction. Elsewhere Swift's `addingProduct` would call the C library. A function
/// and not a macro, because Swift warns about branches on constants it can see.
static inline int normscope_has_fused_multiply_add(void) {
#if defined(__FMA__) || defined(__aarch64__)
    return 1;
#else
    return 0;
#endif
}

/// Whether there are 32 registers of sixteen floats (AVX-512). Elsewhere sixteen floats take two of sixteen registers
/// (AVX2) or four of 32 (NEON): room for six sums of sixteen floats and what is multiplied.
static inline int normscope_has_wide_registers(void) {
#if defined(__AVX512F__)
    return 1;
#else
    return 0;
#endif
}

/// Tells the CPU that this is a spin loop: cheaper for it, and for a thread that shares the core.
static inline void normscope_spin_hint(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Whether this CPU has what the kernels were built for.
static inline int normscope_cpu_fits(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
#if defined(__AVX512F__)
    if (!__builtin_cpu_supports("avx512f")) return 0;
#endif
#if defined(__AVX2__)
    if (!__builtin_cpu_supports("avx2")) return 0;
#endif
#if defined(__FMA__)
    if (!__builtin_cpu_supports("fma")) return 0;
#endif
#endif
    return 1;
}

/// Asks for a cache line that will be read soon; harmless wherever the address points.
static inline void normscope_prefetch(const void *_Nonnull address) {
    __builtin_prefetch(address, 0, 3);
}
