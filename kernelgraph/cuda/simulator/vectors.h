// The short vectors of CUDA: int2, float4, double2 and their kin, with CUDA's sizes and alignments.
//
// A vector whose alignment is its size is one access of memory; those of three are three accesses.
#pragma once

#define KERNELGRAPH_VECTORS(T, name, align2, align4) \
    struct name##1 { T x; }; \
    struct alignas(align2) name##2 { T x, y; }; \
    struct name##3 { T x, y, z; }; \
    struct alignas(align4) name##4 { T x, y, z, w; }; \
    KERNELGRAPH_INLINE name##1 make_##name##1(T x) { return {x}; } \
    KERNELGRAPH_INLINE name##2 make_##name##2(T x, T y) { return {x, y}; } \
    KERNELGRAPH_INLINE name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; } \
    KERNELGRAPH_INLINE name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

KERNELGRAPH_VECTORS(signed char, char, 2, 4)
KERNELGRAPH_VECTORS(unsigned char, uchar, 2, 4)
KERNELGRAPH_VECTORS(short, short, 4, 8)
KERNELGRAPH_VECTORS(unsigned short, ushort, 4, 8)
KERNELGRAPH_VECTORS(int, int, 8, 16)
KERNELGRAPH_VECTORS(unsigned int, uint, 8, 16)
KERNELGRAPH_VECTORS(long, long, 16, 16)
KERNELGRAPH_VECTORS(unsigned long, ulong, 16, 16)
KERNELGRAPH_VECTORS(long long, longlong, 16, 16)
KERNELGRAPH_VECTORS(unsigned long long, ulonglong, 16, 16)
KERNELGRAPH_VECTORS(float, float, 8, 16)
KERNELGRAPH_VECTORS(double, double, 16, 16)

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
    constexpr operator uint3() const { return {x, y, z}; }
};
