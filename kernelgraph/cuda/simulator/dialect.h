// CUDA C++ as a dialect that an ordinary C++ compiler understands.
//
// A kernel's source is compiled unchanged with this header in front of it. What CUDA adds to C++
// becomes one of three things here: a macro (__global__, __shared__), a variable (threadIdx), or a
// call of the machine (`__syncthreads` calls `kernelgraph_barrier`), which lives in fibers.cpp.
//
// A function that must know its line in the kernel's source takes it as a default argument:
// `__builtin_LINE()` there is the line of the call.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <utility>

// ------------------------------------------------------------------------------------- qualifiers

#define __global__
#define __device__
#define __host__
#define __managed__
#define __constant__ __attribute__((used))  // the host may write it, so its value is not known here
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __restrict__ __restrict
#define __grid_constant__

// A block runs on one thread of the processor from its beginning to its end, so what a block shares
// is what that thread of the processor has for itself. `extern __shared__` is written
// `extern __thread` before compiling; its symbol is defined by assembly.py.
#define __shared__ static __thread

#define __CUDA_ARCH__ 900
#define __CUDACC__ 1
#define CUDART_INF_F __builtin_inff()
#define CUDART_INF __builtin_inf()
#define CUDART_NAN_F __builtin_nanf("")
#define CUDART_NAN __builtin_nan("")
#define CUDART_PI_F 3.141592654f
#define CUDART_PI 3.1415926535897931

// What is marked so is not told to the checks: it is no code of the kernel.
#ifdef __clang__
#define KERNELGRAPH_UNSEEN __attribute__((no_sanitize("thread", "coverage")))
#else
#define KERNELGRAPH_UNSEEN __attribute__((no_sanitize("thread"), no_sanitize_coverage))
#endif
#define KERNELGRAPH_INLINE inline __attribute__((always_inline))

#include "vectors.h"

// ------------------------------------------------------------------------------------ the machine

#define KERNELGRAPH_OWN(name) \
    extern __thread uint3 name __asm__("kernelgraph_" #name) \
        __attribute__((tls_model("initial-exec"), visibility("default")))
KERNELGRAPH_OWN(threadIdx);
KERNELGRAPH_OWN(blockIdx);
KERNELGRAPH_OWN(blockDim);
KERNELGRAPH_OWN(gridDim);
#define warpSize 32

#pragma GCC visibility push(default)
extern "C" {
enum { KERNELGRAPH_PLAIN, KERNELGRAPH_COUNT, KERNELGRAPH_AND, KERNELGRAPH_OR };
int kernelgraph_barrier(int line, int operation, int predicate);

enum {
    KERNELGRAPH_SYNC, KERNELGRAPH_BALLOT, KERNELGRAPH_INDEXED, KERNELGRAPH_UP, KERNELGRAPH_DOWN,
    KERNELGRAPH_XOR, KERNELGRAPH_MATCH_ANY, KERNELGRAPH_MATCH_ALL
};
uint64_t kernelgraph_warp(
    int line, unsigned mask, int operation, uint64_t value, int argument, int width);
unsigned kernelgraph_active(int line);

// Tells the checks of an access that no hook sees; `kind`: 0 reads, 1 writes, 2 both, atomically.
void kernelgraph_access(const void *pointer, size_t size, int kind, int line);
void kernelgraph_fence();
int kernelgraph_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void kernelgraph_trap(int line) __attribute__((noreturn));
long long kernelgraph_clock();
}
#pragma GCC visibility pop

#define printf kernelgraph_printf
#define __assert_fail kernelgraph_assert_fail
#define __trap() kernelgraph_trap(__LINE__)
#undef NDEBUG
#pragma GCC visibility push(default)
#include <cassert>
#pragma GCC visibility pop

// --------------------------------------------------------------------------- barriers of the block

#define KERNELGRAPH_LINE int line = __builtin_LINE()

KERNELGRAPH_INLINE void __syncthreads(KERNELGRAPH_LINE) {
    kernelgraph_barrier(line, KERNELGRAPH_PLAIN, 0);
}
KERNELGRAPH_INLINE int __syncthreads_count(int predicate, KERNELGRAPH_LINE) {
    return kernelgraph_barrier(line, KERNELGRAPH_COUNT, predicate);
}
KERNELGRAPH_INLINE int __syncthreads_and(int predicate, KERNELGRAPH_LINE) {
    return kernelgraph_barrier(line, KERNELGRAPH_AND, predicate);
}
KERNELGRAPH_INLINE int __syncthreads_or(int predicate, KERNELGRAPH_LINE) {
    return kernelgraph_barrier(line, KERNELGRAPH_OR, predicate);
}

// ----------------------------------------------------------------------------- the lanes of a warp

KERNELGRAPH_INLINE void __syncwarp(unsigned mask = 0xffffffffu, KERNELGRAPH_LINE) {
    kernelgraph_warp(line, mask, KERNELGRAPH_SYNC, 0, 0, 32);
}
KERNELGRAPH_INLINE unsigned __ballot_sync(unsigned mask, int predicate, KERNELGRAPH_LINE) {
    return (unsigned)kernelgraph_warp(line, mask, KERNELGRAPH_BALLOT, predicate != 0, 0, 32);
}
KERNELGRAPH_INLINE int __any_sync(unsigned mask, int predicate, KERNELGRAPH_LINE) {
    return __ballot_sync(mask, predicate, line) != 0;
}
KERNELGRAPH_INLINE int __all_sync(unsigned mask, int predicate, KERNELGRAPH_LINE) {
    return __ballot_sync(mask, !predicate, line) == 0;
}
KERNELGRAPH_INLINE unsigned __activemask(KERNELGRAPH_LINE) { return kernelgraph_active(line); }

// The bits of a value of up to 8 bytes, and back.
template <class T> KERNELGRAPH_INLINE uint64_t kernelgraph_bits(T value) {
    static_assert(sizeof(T) <= 8, "a lane hands over at most 8 bytes");
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof value);
    return bits;
}
template <class T> KERNELGRAPH_INLINE T kernelgraph_value(uint64_t bits) {
    T value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

#define KERNELGRAPH_SHUFFLE(name, operation, Argument) \
    template <class T> \
    KERNELGRAPH_INLINE T name( \
        unsigned mask, T value, Argument argument, int width = 32, KERNELGRAPH_LINE) { \
        return kernelgraph_value<T>(kernelgraph_warp( \
            line, mask, operation, kernelgraph_bits(value), (int)argument, width)); \
    }
KERNELGRAPH_SHUFFLE(__shfl_sync, KERNELGRAPH_INDEXED, int)
KERNELGRAPH_SHUFFLE(__shfl_up_sync, KERNELGRAPH_UP, unsigned)
KERNELGRAPH_SHUFFLE(__shfl_down_sync, KERNELGRAPH_DOWN, unsigned)
KERNELGRAPH_SHUFFLE(__shfl_xor_sync, KERNELGRAPH_XOR, int)

template <class T> KERNELGRAPH_INLINE unsigned __match_any_sync(
    unsigned mask, T value, KERNELGRAPH_LINE) {
    return (unsigned)kernelgraph_warp(
        line, mask, KERNELGRAPH_MATCH_ANY, kernelgraph_bits(value), 0, 32);
}
template <class T> KERNELGRAPH_INLINE unsigned __match_all_sync(
    unsigned mask, T value, int *all, KERNELGRAPH_LINE) {
    const unsigned same = (unsigned)kernelgraph_warp(
        line, mask, KERNELGRAPH_MATCH_ALL, kernelgraph_bits(value), 0, 32);
    *all = same != 0;
    return same;
}

// ----------------------------------------------------------------------------------------- memory

#ifdef KERNELGRAPH_WATCHED
KERNELGRAPH_INLINE void __threadfence() { kernelgraph_fence(); }
#else
KERNELGRAPH_INLINE void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
#endif
KERNELGRAPH_INLINE void __threadfence_block() { __threadfence(); }
KERNELGRAPH_INLINE void __threadfence_system() { __threadfence(); }
template <class T> KERNELGRAPH_INLINE T __ldg(const T *pointer) { return *pointer; }
template <class T> KERNELGRAPH_INLINE T __ldcg(const T *pointer) { return *pointer; }
template <class T> KERNELGRAPH_INLINE T __ldcs(const T *pointer) { return *pointer; }
template <class T> KERNELGRAPH_INLINE void __stcg(T *pointer, T value) { *pointer = value; }
template <class T> KERNELGRAPH_INLINE void __stcs(T *pointer, T value) { *pointer = value; }

// Copies whose size the compiler does not know are calls of the C library, where no hook is.
#ifdef KERNELGRAPH_WATCHED
KERNELGRAPH_INLINE void *kernelgraph_memcpy(
    void *target, const void *source, size_t size, KERNELGRAPH_LINE) {
    if (!(__builtin_constant_p(size) && size <= 16) && size) {
        kernelgraph_access(source, size, 0, line);
        kernelgraph_access(target, size, 1, line);
    }
    return __builtin_memcpy(target, source, size);
}
KERNELGRAPH_INLINE void *kernelgraph_memset(
    void *target, int value, size_t size, KERNELGRAPH_LINE) {
    if (!(__builtin_constant_p(size) && size <= 16) && size)
        kernelgraph_access(target, size, 1, line);
    return __builtin_memset(target, value, size);
}
#define memcpy kernelgraph_memcpy
#define memset kernelgraph_memset
#endif

KERNELGRAPH_INLINE long long clock64() { return kernelgraph_clock(); }
KERNELGRAPH_INLINE int clock() { return (int)kernelgraph_clock(); }
KERNELGRAPH_INLINE void __nanosleep(unsigned) {}

#include "atomics.h"
#include "functions.h"
