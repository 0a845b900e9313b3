// Functions that CUDA has and C++ lacks: intrinsics, minima of mixed types, bits, and half numbers.
//
// The fast functions of a GPU (__expf) give fewer right digits there; here they are as the exact
// ones. A result that depends on the difference is compared with a tolerance.
#pragma once

// ------------------------------------------------------------------------------ kinds of numbers

using std::isfinite;
using std::isinf;
using std::isnan;
using std::signbit;

// --------------------------------------------------------------------------------- minima, maxima

#define KERNELGRAPH_BOTH(T) \
    KERNELGRAPH_INLINE T min(T a, T b) { return b < a ? b : a; } \
    KERNELGRAPH_INLINE T max(T a, T b) { return a < b ? b : a; }
KERNELGRAPH_BOTH(int)
KERNELGRAPH_BOTH(unsigned)
KERNELGRAPH_BOTH(long)
KERNELGRAPH_BOTH(unsigned long)
KERNELGRAPH_BOTH(long long)
KERNELGRAPH_BOTH(unsigned long long)
KERNELGRAPH_INLINE float min(float a, float b) { return fminf(a, b); }
KERNELGRAPH_INLINE float max(float a, float b) { return fmaxf(a, b); }
KERNELGRAPH_INLINE double min(double a, double b) { return fmin(a, b); }
KERNELGRAPH_INLINE double max(double a, double b) { return fmax(a, b); }
// CUDA takes two types as well where both are floats, or integers of one size; nothing else.
template <class A, class B>
using kernelgraph_common = std::enable_if_t<
    (std::is_floating_point<A>::value && std::is_floating_point<B>::value) ||
        (std::is_integral<A>::value && std::is_integral<B>::value && sizeof(A) == sizeof(B)),
    decltype(A() + B())>;
template <class A, class B> KERNELGRAPH_INLINE kernelgraph_common<A, B> min(A a, B b) {
    return min((kernelgraph_common<A, B>)a, (kernelgraph_common<A, B>)b);
}
template <class A, class B> KERNELGRAPH_INLINE kernelgraph_common<A, B> max(A a, B b) {
    return max((kernelgraph_common<A, B>)a, (kernelgraph_common<A, B>)b);
}

// ------------------------------------------------------------------------------- fast mathematics

#define KERNELGRAPH_FAST(name, exact) \
    KERNELGRAPH_INLINE float name(float x) { return exact(x); }
KERNELGRAPH_FAST(__expf, expf)
KERNELGRAPH_FAST(__logf, logf)
KERNELGRAPH_FAST(__log2f, log2f)
KERNELGRAPH_FAST(__log10f, log10f)
KERNELGRAPH_FAST(__sinf, sinf)
KERNELGRAPH_FAST(__cosf, cosf)
KERNELGRAPH_FAST(__tanf, tanf)
KERNELGRAPH_INLINE float exp10f(float x) { return powf(10.0f, x); }
KERNELGRAPH_INLINE double exp10(double x) { return pow(10.0, x); }
KERNELGRAPH_INLINE float __exp10f(float x) { return exp10f(x); }
KERNELGRAPH_INLINE float __powf(float x, float y) { return powf(x, y); }
KERNELGRAPH_INLINE float __fdividef(float x, float y) { return x / y; }
KERNELGRAPH_INLINE float __saturatef(float x) { return x > 0 ? x < 1 ? x : 1.0f : 0.0f; }
KERNELGRAPH_INLINE void __sincosf(float x, float *s, float *c) { *s = sinf(x), *c = cosf(x); }
KERNELGRAPH_INLINE float rsqrtf(float x) { return 1.0f / sqrtf(x); }
KERNELGRAPH_INLINE double rsqrt(double x) { return 1.0 / sqrt(x); }
KERNELGRAPH_INLINE float rsqrt(float x) { return rsqrtf(x); }
KERNELGRAPH_INLINE float rcbrtf(float x) { return 1.0f / cbrtf(x); }
KERNELGRAPH_INLINE float normcdff(float x) { return 0.5f * erfcf(-x * 0.70710678f); }
KERNELGRAPH_INLINE double normcdf(double x) { return 0.5 * erfc(-x * 0.70710678118654752); }
KERNELGRAPH_INLINE float norm3df(float x, float y, float z) { return std::hypot(x, y, z); }
KERNELGRAPH_INLINE double norm3d(double x, double y, double z) { return std::hypot(x, y, z); }
KERNELGRAPH_INLINE float sinpif(float x) { return (float)sin(3.1415926535897931 * x); }
KERNELGRAPH_INLINE float cospif(float x) { return (float)cos(3.1415926535897931 * x); }
KERNELGRAPH_INLINE double sinpi(double x) { return sin(3.1415926535897931 * x); }
KERNELGRAPH_INLINE double cospi(double x) { return cos(3.1415926535897931 * x); }

// Rounded to the nearest, which nothing fuses: what the names of CUDA end with _rn for.
KERNELGRAPH_INLINE float __fadd_rn(float x, float y) { return x + y; }
KERNELGRAPH_INLINE float __fsub_rn(float x, float y) { return x - y; }
KERNELGRAPH_INLINE float __fmul_rn(float x, float y) { return x * y; }
KERNELGRAPH_INLINE float __fdiv_rn(float x, float y) { return x / y; }
KERNELGRAPH_INLINE float __fsqrt_rn(float x) { return sqrtf(x); }
KERNELGRAPH_INLINE float __frcp_rn(float x) { return 1.0f / x; }
KERNELGRAPH_INLINE float __frsqrt_rn(float x) { return (float)(1.0 / sqrt((double)x)); }
KERNELGRAPH_INLINE float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
KERNELGRAPH_INLINE double __dadd_rn(double x, double y) { return x + y; }
KERNELGRAPH_INLINE double __dsub_rn(double x, double y) { return x - y; }
KERNELGRAPH_INLINE double __dmul_rn(double x, double y) { return x * y; }
KERNELGRAPH_INLINE double __ddiv_rn(double x, double y) { return x / y; }
KERNELGRAPH_INLINE double __dsqrt_rn(double x) { return sqrt(x); }
KERNELGRAPH_INLINE double __fma_rn(double x, double y, double z) { return fma(x, y, z); }

// ------------------------------------------------------------------------------------------- bits

KERNELGRAPH_INLINE int __popc(unsigned x) { return __builtin_popcount(x); }
KERNELGRAPH_INLINE int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
KERNELGRAPH_INLINE int __ffs(int x) { return __builtin_ffs(x); }
KERNELGRAPH_INLINE int __ffsll(long long x) { return __builtin_ffsll(x); }
KERNELGRAPH_INLINE int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
KERNELGRAPH_INLINE int __clzll(long long x) {
    return x ? __builtin_clzll((unsigned long long)x) : 64;
}
KERNELGRAPH_INLINE unsigned long long __brevll(unsigned long long x) {
    x = (x >> 1 & 0x5555555555555555) | (x & 0x5555555555555555) << 1;
    x = (x >> 2 & 0x3333333333333333) | (x & 0x3333333333333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f0f0f0f0f) | (x & 0x0f0f0f0f0f0f0f0f) << 4;
    return __builtin_bswap64(x);
}
KERNELGRAPH_INLINE unsigned __brev(unsigned x) { return (unsigned)(__brevll(x) >> 32); }
KERNELGRAPH_INLINE unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
    const unsigned long long bytes = (unsigned long long)y << 32 | x;
    unsigned result = 0;
    for (int i = 0; i < 4; i++) {
        const unsigned which = selector >> 4 * i & 15;
        unsigned byte = (unsigned)(bytes >> 8 * (which & 7)) & 255;
        if (which & 8) byte = byte & 128 ? 255 : 0;  // the sign of the byte, repeated
        result |= byte << 8 * i;
    }
    return result;
}
KERNELGRAPH_INLINE unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)((((unsigned long long)high << 32 | low) << (shift & 31)) >> 32);
}
KERNELGRAPH_INLINE unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((unsigned long long)high << 32 | low) >> (shift & 31));
}
KERNELGRAPH_INLINE int __mul24(int x, int y) { return (x << 8 >> 8) * (y << 8 >> 8); }
KERNELGRAPH_INLINE int __mulhi(int x, int y) { return (int)((long long)x * y >> 32); }
KERNELGRAPH_INLINE unsigned __umulhi(unsigned x, unsigned y) {
    return (unsigned)((unsigned long long)x * y >> 32);
}
KERNELGRAPH_INLINE long long __mul64hi(long long x, long long y) {
    return (long long)((__int128)x * y >> 64);
}
KERNELGRAPH_INLINE unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
    return (unsigned long long)((unsigned __int128)x * y >> 64);
}
KERNELGRAPH_INLINE unsigned __sad(int x, int y, unsigned z) {
    return z + (x > y ? (unsigned)x - (unsigned)y : (unsigned)y - (unsigned)x);
}

KERNELGRAPH_INLINE int __float_as_int(float x) {
    return kernelgraph_value<int>(kernelgraph_bits(x));
}
KERNELGRAPH_INLINE unsigned __float_as_uint(float x) {
    return kernelgraph_value<unsigned>(kernelgraph_bits(x));
}
KERNELGRAPH_INLINE float __int_as_float(int x) {
    return kernelgraph_value<float>(kernelgraph_bits(x));
}
KERNELGRAPH_INLINE float __uint_as_float(unsigned x) {
    return kernelgraph_value<float>(kernelgraph_bits(x));
}
KERNELGRAPH_INLINE long long __double_as_longlong(double x) {
    return kernelgraph_value<long long>(kernelgraph_bits(x));
}
KERNELGRAPH_INLINE double __longlong_as_double(long long x) {
    return kernelgraph_value<double>(kernelgraph_bits(x));
}
KERNELGRAPH_INLINE int __double2hiint(double x) { return (int)(__double_as_longlong(x) >> 32); }
KERNELGRAPH_INLINE int __double2loint(double x) { return (int)__double_as_longlong(x); }

KERNELGRAPH_INLINE int __float2int_rn(float x) { return (int)nearbyintf(x); }
KERNELGRAPH_INLINE int __float2int_rz(float x) { return (int)x; }
KERNELGRAPH_INLINE int __float2int_rd(float x) { return (int)floorf(x); }
KERNELGRAPH_INLINE int __float2int_ru(float x) { return (int)ceilf(x); }
KERNELGRAPH_INLINE unsigned __float2uint_rn(float x) { return (unsigned)nearbyintf(x); }
KERNELGRAPH_INLINE int __double2int_rn(double x) { return (int)nearbyint(x); }
KERNELGRAPH_INLINE float __int2float_rn(int x) { return (float)x; }
KERNELGRAPH_INLINE float __uint2float_rn(unsigned x) { return (float)x; }
KERNELGRAPH_INLINE float __double2float_rn(double x) { return (float)x; }
