// Right kernels that use what CUDA has beyond C++. Each writes what a test knows to expect.
#include <cuda_fp16.h>
#include <stdio.h>

typedef long long int64;

// ----------------------------------------------------------------------------------- whole kernels

extern "C" __global__ void saxpy(
    float a, const float *__restrict__ x, float *__restrict__ y, int64 n) {
    const int64 start = (int64)blockIdx.x * blockDim.x + threadIdx.x;
    for (int64 i = start; i < n; i += (int64)gridDim.x * blockDim.x) y[i] = a * x[i] + y[i];
}

#define TILE 8
__global__ void __launch_bounds__(TILE *TILE)
    matmul(const float *a, const float *b, float *c, int n) {
    __shared__ float left[TILE][TILE], right[TILE][TILE];
    const int row = blockIdx.y * TILE + threadIdx.y, column = blockIdx.x * TILE + threadIdx.x;
    float sum = 0;
    for (int tile = 0; tile < n; tile += TILE) {
        left[threadIdx.y][threadIdx.x] = a[row * n + tile + threadIdx.x];
        right[threadIdx.y][threadIdx.x] = b[(tile + threadIdx.y) * n + column];
        __syncthreads();
#pragma unroll
        for (int k = 0; k < TILE; k++) sum += left[threadIdx.y][k] * right[k][threadIdx.x];
        __syncthreads();
    }
    c[row * n + column] = sum;
}

template <class T> __device__ __forceinline__ T warp_sum(T value) {
    for (int offset = 16; offset > 0; offset >>= 1)
        value += __shfl_down_sync(0xffffffffu, value, offset);
    return value;
}

// Shared memory inside a function template: one array for each type.
template <class T> __device__ T block_sum(T value) {
    __shared__ T parts[32];
    const int lane = threadIdx.x % warpSize, warp = threadIdx.x / warpSize;
    value = warp_sum(value);
    if (lane == 0) parts[warp] = value;
    __syncthreads();
    value = threadIdx.x < (blockDim.x + 31) / 32 ? parts[lane] : T(0);
    if (warp == 0) value = warp_sum(value);
    __syncthreads();
    return value;
}

extern "C" __global__ void sums(const float *x, float *total, double *squares, int n) {
    float sum = 0;
    double square = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        sum += x[i];
        square += (double)x[i] * x[i];
    }
    sum = block_sum(sum);
    square = block_sum(square);
    if (threadIdx.x == 0) {
        atomicAdd(total, sum);
        atomicAdd(squares, square);
    }
}

extern "C" __global__ void histogram(const int *x, int *counts, int n) {
    extern __shared__ int bins[];
    for (int i = threadIdx.x; i < 16; i += blockDim.x) bins[i] = 0;
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x) atomicAdd(&bins[x[i] & 15], 1);
    __syncthreads();
    for (int i = threadIdx.x; i < 16; i += blockDim.x) counts[i] = bins[i];
}

// The same memory under another name and type.
extern "C" __global__ void reversed(const double *x, double *y) {
    extern __shared__ __align__(16) unsigned char memory[];
    double *values = reinterpret_cast<double *>(memory);
    values[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = values[blockDim.x - 1 - threadIdx.x];
}

// The numbers that are not zero, in order, and how many: ballots and the lanes below one's own.
extern "C" __global__ void compact(const float *x, float *y, int *count) {
    const unsigned lane = threadIdx.x & 31;
    const unsigned chosen = __ballot_sync(0xffffffffu, x[threadIdx.x] != 0);
    const int before = __popc(chosen & ((1u << lane) - 1));
    if (chosen >> lane & 1) y[before] = x[threadIdx.x];
    if (lane == 0) *count = __popc(chosen);
}

extern "C" __global__ void vectors(const float4 *x, float4 *y, double2 *z) {
    const float4 v = x[threadIdx.x];
    y[threadIdx.x] = make_float4(v.w, v.z, v.y, v.x);
    z[threadIdx.x] = make_double2(v.x + v.y, v.z + v.w);
}

// ------------------------------------------------------------------------------------ small things

__constant__ float weights[3] = {0.25f, 0.5f, 0.25f};
__device__ int calls;
__device__ unsigned long long last_call;

extern "C" __global__ void variables(float *y) {
    y[threadIdx.x] = weights[threadIdx.x % 3];
    atomicAdd(&calls, 1);
    if (threadIdx.x == 0) last_call = 7;
}

extern "C" __global__ void indices(int *y) {
    const int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    y[block * blockDim.x * blockDim.y * blockDim.z + thread] = 1000 * block + thread;
}

extern "C" __global__ void lanes(int *y) {
    const int lane = threadIdx.x;
    const unsigned all = 0xffffffffu;
    int *out = y + 12 * lane;
    out[0] = __shfl_sync(all, lane * lane, 5);
    out[1] = __shfl_sync(all, lane, lane + 1, 8);
    out[2] = __shfl_up_sync(all, lane, 3);
    out[3] = __shfl_down_sync(all, lane, 3, 16);
    out[4] = __shfl_xor_sync(all, lane, 7);
    out[5] = __any_sync(all, lane == 9) + 2 * __all_sync(all, lane < 32);
    out[5] += 4 * __all_sync(all, lane);
    out[6] = __popc(__match_any_sync(all, lane % 3));
    out[7] = lane < 10 ? __popc(__activemask()) : -1;
    out[8] = (int)__shfl_xor_sync(all, lane * 1e10, 1) / 1;
    __syncwarp();
    out[9] = lane & 1 ? __shfl_sync(0xaaaaaaaau, lane, 3) : __shfl_sync(0x55555555u, lane, 4);
    int same;
    out[10] = __match_all_sync(all, 3, &same) == all && same;
    out[11] = __match_all_sync(all, lane, &same) == 0 && !same;
}

extern "C" __global__ void predicates(int *y) {
    const int odd = threadIdx.x & 1;
    y[threadIdx.x] = __syncthreads_count(odd) + 1000 * __syncthreads_and(odd) +
                     2000 * __syncthreads_or(odd) + 4000 * __syncthreads_and(threadIdx.x < 500);
}

extern "C" __global__ void atomics(int *y, unsigned *u, float *f, unsigned long long *w) {
    const int t = threadIdx.x;
    atomicAdd(y + 0, t), atomicSub(y + 1, t), atomicMax(y + 2, t), atomicMin(y + 3, -t);
    atomicAnd(y + 4, ~(1 << t % 8)), atomicOr(y + 5, 1 << t % 8), atomicXor(y + 6, t);
    atomicExch(y + 7, 5), atomicCAS(y + 8, t, t + 1);
    atomicInc(u + 0, 6), atomicDec(u + 1, 6);
    atomicAdd(f, 0.5f), atomicExch(f + 1, 2.0f);
    atomicAdd(w, 1ull << 33), atomicMax(w + 1, (unsigned long long)t);
}

extern "C" __global__ void functions(const float *x, float *y, int *bits) {
    const float v = x[0];
    y[0] = __expf(v), y[1] = rsqrtf(v), y[2] = __fdividef(1.0f, v), y[3] = fmaf(v, v, 1.0f);
    y[4] = __fmaf_rn(v, 2.0f, 1.0f), y[5] = min(v, 0.5f), y[6] = max(1, 2u), y[7] = fminf(NAN, v);
    y[8] = __int_as_float(__float_as_int(v)), y[9] = __ldg(x), y[10] = sinf(v) + exp(v);
    y[11] = __saturatef(v * 2), y[12] = norm3df(v, v, v), y[13] = max(v, 3.0);
    bits[0] = __popc(0xf0f0u), bits[1] = __popcll(~0ull), bits[2] = __ffs(8), bits[3] = __clz(1);
    bits[4] = (int)__brev(1u), bits[5] = __mulhi(1 << 30, 8), bits[6] = (int)__umulhi(1u << 31, 6u);
    bits[7] = (int)__umul64hi(1ull << 63, 10), bits[8] = __clz(0), bits[9] = __ffsll(1ll << 40);
    bits[10] = (int)__byte_perm(0x03020100, 0x07060504, 0x0246), bits[11] = abs(-3);
    bits[12] = (int)__funnelshift_l(0x80000000u, 1u, 1), bits[13] = __float2int_rn(2.5f);
}

extern "C" __global__ void halves(const __half *x, __half *y, float *z) {
    const __half v = x[threadIdx.x];
    y[threadIdx.x] = __hadd(__hmul(v, __float2half(2.0f)), v);
    z[threadIdx.x] = __half2float(v);
}

#define MAKE(name, operation) \
    extern "C" __global__ void name##_numbers(int *x) { \
        x[threadIdx.x] = x[threadIdx.x] operation 2; \
    }
MAKE(add, +)
MAKE(double, *)

struct Pair { int first; double second; };
extern "C" __global__ void structs(Pair pair, bool flag, unsigned char byte, double *y) {
    y[0] = pair.first + pair.second, y[1] = flag, y[2] = byte;
}

extern "C" __global__ void prints(int n) {
    const int t = threadIdx.x;
    if (t < n) printf("thread %d of %u: %.2f\n", t, blockDim.x, 0.5 * t);
}

// Threads that wait for what another thread writes.
extern "C" __global__ void lock(int *guard, int *y) {
    for (bool done = false; !done;) {
        if (atomicCAS(guard, 0, 1) == 0) {
            atomicAdd(y, 1);
            atomicExch(guard, 0);
            done = true;
        }
    }
}

// A shared array behind a pointer, a table of functions, recursion, and arrays of one's own.
__device__ int twice(int x) { return 2 * x; }
__device__ int square(int x) { return x * x; }
__device__ int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
__device__ void turn(int *values) {
    const int mine = values[threadIdx.x];
    __syncthreads();
    values[blockDim.x - 1 - threadIdx.x] = mine;
    __syncthreads();
}
extern "C" __global__ void calls_of_functions(int *y) {
    __shared__ int values[64];
    int (*const table[2])(int) = {twice, square};
    int own[16];
    for (int i = 0; i < 16; i++) own[(i + threadIdx.x) & 15] = i;
    values[threadIdx.x] = table[threadIdx.x & 1](threadIdx.x) + fibonacci(threadIdx.x % 8);
    turn(values);
    y[threadIdx.x] = values[threadIdx.x] + 1000 * own[3];
}

// -------------------------------------------------------------------------------- common algorithms

extern "C" __global__ void bitonic_sort(float *x) {
    __shared__ float values[64];
    const int i = threadIdx.x;
    values[i] = x[i];
    for (int size = 2; size <= 64; size *= 2)
        for (int step = size / 2; step > 0; step /= 2) {
            __syncthreads();
            const int other = i ^ step;
            if (other > i && (values[i] > values[other]) == !(i & size)) {
                const float mine = values[i];
                values[i] = values[other];
                values[other] = mine;
            }
        }
    __syncthreads();
    x[i] = values[i];
}

// Two buffers in dynamic shared memory that change places.
extern "C" __global__ void running_sums(const int *x, int *y) {
    extern __shared__ int both[];
    int *from = both, *to = both + blockDim.x;
    from[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    for (int step = 1; step < blockDim.x; step *= 2) {
        const bool has_other = threadIdx.x >= step;
        to[threadIdx.x] = from[threadIdx.x] + (has_other ? from[threadIdx.x - step] : 0);
        int *const last = from;
        from = to, to = last;
        __syncthreads();
    }
    y[threadIdx.x] = from[threadIdx.x];
}

// One atomic operation for all lanes that are there.
extern "C" __global__ void aggregated(const int *x, int *y, int *count) {
    if (x[threadIdx.x] % 3 == 0) {
        const unsigned here = __activemask();
        const int lane = threadIdx.x & 31, leader = __ffs(here) - 1;
        int place = 0;
        if (lane == leader) place = atomicAdd(count, __popc(here));
        place = __shfl_sync(here, place, leader) + __popc(here & ((1u << lane) - 1));
        y[place] = x[threadIdx.x];
    }
}

__device__ void atomicMax(float *address, float value) {
    int *const word = (int *)address;
    for (int seen = atomicAdd(word, 0); value > __int_as_float(seen);) {
        const int before = atomicCAS(word, seen, __float_as_int(value));
        if (before == seen) break;
        seen = before;
    }
}
extern "C" __global__ void largest(const float *x, float *y) {
    __shared__ float most;
    if (threadIdx.x == 0) most = x[0];
    __syncthreads();
    float mine = x[threadIdx.x];
    for (int i = 16; i > 0; i /= 2) mine = max(mine, __shfl_xor_sync(0xffffffffu, mine, i));
    if (threadIdx.x % 32 == 0) atomicMax(&most, mine);
    __syncthreads();
    if (threadIdx.x == 0) *y = most;
}

static __device__ const int primes[] = {2, 3, 5, 7, 11, 13, 17, 19};
extern "C" __global__ void from_tables(const uchar4 *x, int *y) {
    const float halves[4] = {0.5f, 1.5f, 2.5f, 3.5f};
    const uchar4 v = x[threadIdx.x];
    y[threadIdx.x] = primes[v.x & 7] + (int)(2 * halves[v.y & 3]) + v.z + v.w;
}
