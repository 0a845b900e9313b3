// The basics of cuda_fp16.h: half and half2, converted, computed with and compared.
//
// Each operation computes in float and rounds once, which gives what the GPU's own operations give.
#pragma once

struct __half_raw { unsigned short x; };

// To the nearest half, ties to even.
KERNELGRAPH_INLINE unsigned short kernelgraph_half_bits(float x) {
    const unsigned all = __float_as_uint(x), word = all & 0x7fffffff;
    const unsigned sign = all >> 16 & 0x8000;
    if (word > 0x7f800000) return (unsigned short)(sign | 0x7fff);
    if (word >= 0x47800000) return (unsigned short)(sign | 0x7c00);
    if (word < 0x38800000) {  // no normal half: a sum with 0.5 leaves its digits in the last bits
        const unsigned digits = __float_as_uint(__uint_as_float(word) + 0.5f) - 0x3f000000;
        return (unsigned short)(sign | digits);
    }
    return (unsigned short)(sign | (word + (word >> 13 & 1) + 0xc8000fff) >> 13);
}
KERNELGRAPH_INLINE float kernelgraph_half_value(unsigned short bits) {
    const unsigned word = (unsigned)(bits & 0x7fff) << 13, sign = (unsigned)(bits & 0x8000) << 16;
    const float scale = 5192296858534827628530496329220096.0f;  // moves the exponent to its place
    const unsigned moved = __float_as_uint(__uint_as_float(word) * scale);
    return __uint_as_float((word >= 0x0f800000 ? moved | 0x7f800000 : moved) | sign);
}

struct alignas(2) __half {
    unsigned short bits;
    __half() = default;
    KERNELGRAPH_INLINE __half(float x) : bits(kernelgraph_half_bits(x)) {}
    KERNELGRAPH_INLINE __half(double x) : bits(kernelgraph_half_bits((float)x)) {}
    KERNELGRAPH_INLINE __half(int x) : bits(kernelgraph_half_bits((float)x)) {}
    KERNELGRAPH_INLINE operator float() const { return kernelgraph_half_value(bits); }
    KERNELGRAPH_INLINE __half &operator+=(__half x) { return *this = *this + x; }
    KERNELGRAPH_INLINE __half &operator*=(__half x) { return *this = *this * x; }
    KERNELGRAPH_INLINE friend __half operator+(__half x, __half y) { return (float)x + (float)y; }
    KERNELGRAPH_INLINE friend __half operator-(__half x, __half y) { return (float)x - (float)y; }
    KERNELGRAPH_INLINE friend __half operator*(__half x, __half y) { return (float)x * (float)y; }
    KERNELGRAPH_INLINE friend __half operator/(__half x, __half y) { return (float)x / (float)y; }
    KERNELGRAPH_INLINE friend __half operator-(__half x) { return -(float)x; }
};
typedef __half half;
struct alignas(4) __half2 { __half x, y; };
typedef __half2 half2;

KERNELGRAPH_INLINE __half __float2half(float x) { return x; }
KERNELGRAPH_INLINE __half __float2half_rn(float x) { return x; }
KERNELGRAPH_INLINE __half __double2half(double x) { return x; }
KERNELGRAPH_INLINE float __half2float(__half x) { return x; }
KERNELGRAPH_INLINE unsigned short __half_as_ushort(__half x) { return x.bits; }
KERNELGRAPH_INLINE __half __ushort_as_half(unsigned short bits) {
    __half x;
    x.bits = bits;
    return x;
}
KERNELGRAPH_INLINE __half __hadd(__half x, __half y) { return x + y; }
KERNELGRAPH_INLINE __half __hsub(__half x, __half y) { return x - y; }
KERNELGRAPH_INLINE __half __hmul(__half x, __half y) { return x * y; }
KERNELGRAPH_INLINE __half __hdiv(__half x, __half y) { return x / y; }
KERNELGRAPH_INLINE __half __hneg(__half x) { return -x; }
// The product of two halves is exact in a double; so is, but for rare cases, its sum with a third.
KERNELGRAPH_INLINE __half __hfma(__half x, __half y, __half z) {
    return (float)((double)(float)x * (float)y + (float)z);
}
KERNELGRAPH_INLINE bool __hlt(__half x, __half y) { return (float)x < (float)y; }
KERNELGRAPH_INLINE bool __hgt(__half x, __half y) { return (float)x > (float)y; }
KERNELGRAPH_INLINE bool __heq(__half x, __half y) { return (float)x == (float)y; }
KERNELGRAPH_INLINE bool __hisnan(__half x) { return (float)x != (float)x; }
KERNELGRAPH_INLINE __half2 __halves2half2(__half x, __half y) { return {x, y}; }
KERNELGRAPH_INLINE __half2 __floats2half2_rn(float x, float y) { return {x, y}; }
KERNELGRAPH_INLINE float2 __half22float2(__half2 v) { return {v.x, v.y}; }
KERNELGRAPH_INLINE __half __low2half(__half2 v) { return v.x; }
KERNELGRAPH_INLINE __half __high2half(__half2 v) { return v.y; }
KERNELGRAPH_INLINE __half2 __hadd2(__half2 a, __half2 b) { return {a.x + b.x, a.y + b.y}; }
KERNELGRAPH_INLINE __half2 __hmul2(__half2 a, __half2 b) { return {a.x * b.x, a.y * b.y}; }
