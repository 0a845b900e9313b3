// Kernels with one fault each, and next to each its right twin, whose name ends with _right.
// A line with a fault ends with its kind: "// race". The line of the other access, where it is
// another one, is marked by "// other". Above a kernel stands how it is launched, where that is not
// 1 block of 64 threads: x and z are arrays of 256 floats, z is not written before.

__device__ int counter;
__constant__ float scale[4] = {1, 2, 3, 4};
__device__ float table[8];

// ------------------------------------------------------------------------------- out of bounds

extern "C" __global__ void read_behind(const float *x, float *z, int n) {
    int i = threadIdx.x;
    z[i] = x[i + 193];  // out of bounds
}
extern "C" __global__ void read_behind_right(const float *x, float *z, int n) {
    int i = threadIdx.x;
    z[i] = x[i + 192];
}

// grid 5
extern "C" __global__ void no_guard(const float *x, float *z, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    z[i] = 1.0f;  // out of bounds
}
// grid 5
extern "C" __global__ void no_guard_right(const float *x, float *z, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) z[i] = 1.0f;
}

extern "C" __global__ void write_before(const float *x, float *z, int n) {
    z[(int)threadIdx.x - 1] = 0;  // out of bounds
}
extern "C" __global__ void write_before_right(const float *x, float *z, int n) {
    if (threadIdx.x > 0) z[(int)threadIdx.x - 1] = 0;
}

extern "C" __global__ void shared_behind(const float *x, float *z, int n) {
    __shared__ float tile[64], other[64];
    tile[threadIdx.x] = x[threadIdx.x];
    other[threadIdx.x] = 0;
    __syncthreads();
    z[threadIdx.x] = tile[threadIdx.x + 1] + other[threadIdx.x];  // out of bounds
}
extern "C" __global__ void shared_behind_right(const float *x, float *z, int n) {
    __shared__ float tile[64], other[64];
    tile[threadIdx.x] = x[threadIdx.x];
    other[threadIdx.x] = 0;
    __syncthreads();
    z[threadIdx.x] = tile[(threadIdx.x + 1) % 64] + other[threadIdx.x];
}

// shared 256
extern "C" __global__ void dynamic_behind(const float *x, float *z, int n) {
    extern __shared__ float buffer[];
    buffer[threadIdx.x + 1] = x[threadIdx.x];  // out of bounds
}
// shared 260
extern "C" __global__ void dynamic_behind_right(const float *x, float *z, int n) {
    extern __shared__ float buffer[];
    buffer[threadIdx.x + 1] = x[threadIdx.x];
}

extern "C" __global__ void atomic_behind(const float *x, float *z, int n) {
    __shared__ int bins[8];
    if (threadIdx.x < 8) bins[threadIdx.x] = 0;
    __syncthreads();
    atomicAdd(&bins[threadIdx.x % 9], 1);  // out of bounds
}
extern "C" __global__ void atomic_behind_right(const float *x, float *z, int n) {
    __shared__ int bins[8];
    if (threadIdx.x < 8) bins[threadIdx.x] = 0;
    __syncthreads();
    atomicAdd(&bins[threadIdx.x % 8], 1);
}

extern "C" __global__ void global_atomic_behind(const float *x, float *z, int n) {
    z[threadIdx.x] = 0;
    atomicAdd(z + 4 * n, 1.0f);  // out of bounds
}
extern "C" __global__ void global_atomic_behind_right(const float *x, float *z, int n) {
    z[threadIdx.x] = 0;
    __syncthreads();
    atomicAdd(z, 1.0f);
}

extern "C" __global__ void variable_behind(const float *x, float *z, int n) {
    if (threadIdx.x < 9) table[threadIdx.x] = scale[threadIdx.x & 3];  // out of bounds
}
extern "C" __global__ void variable_behind_right(const float *x, float *z, int n) {
    if (threadIdx.x < 8) table[threadIdx.x] = scale[threadIdx.x & 3];
}

extern "C" __global__ void null_pointer(const float *x, float *z, int n) {
    const float *p = threadIdx.x == 3 ? nullptr : x;
    z[threadIdx.x] = p[threadIdx.x];  // out of bounds
}
extern "C" __global__ void null_pointer_right(const float *x, float *z, int n) {
    const float *p = threadIdx.x == 3 ? nullptr : x;
    if (p) z[threadIdx.x] = p[threadIdx.x];
}

extern "C" __global__ void vector_across_end(const float *x, float *z, int n) {
    const float4 v = ((const float4 *)(x + 4))[threadIdx.x];  // out of bounds
    z[threadIdx.x] = v.x + v.y + v.z + v.w;
}
extern "C" __global__ void vector_across_end_right(const float *x, float *z, int n) {
    const float4 v = ((const float4 *)x)[threadIdx.x];
    z[threadIdx.x] = v.x + v.y + v.z + v.w;
}

// ------------------------------------------------------------------------------- uninitialised

extern "C" __global__ void add_to_nothing(const float *x, float *z, int n) {
    z[threadIdx.x] += x[threadIdx.x];  // uninitialised
}
extern "C" __global__ void add_to_nothing_right(const float *x, float *z, int n) {
    z[threadIdx.x] = 0;
    z[threadIdx.x] += x[threadIdx.x];
}

extern "C" __global__ void shared_unwritten(const float *x, float *z, int n) {
    __shared__ float tile[128];
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    z[threadIdx.x] = tile[threadIdx.x + 1];  // uninitialised
}
extern "C" __global__ void shared_unwritten_right(const float *x, float *z, int n) {
    __shared__ float tile[128];
    tile[threadIdx.x] = x[threadIdx.x];
    if (threadIdx.x == 0) tile[64] = 0;
    __syncthreads();
    z[threadIdx.x] = tile[threadIdx.x + 1];
}

extern "C" __global__ void atomic_on_nothing(const float *x, float *z, int n) {
    __shared__ int count;
    atomicAdd(&count, 1);  // uninitialised
}
extern "C" __global__ void atomic_on_nothing_right(const float *x, float *z, int n) {
    __shared__ int count;
    if (threadIdx.x == 0) count = 0;
    __syncthreads();
    atomicAdd(&count, 1);
}

// ---------------------------------------------------------------------------------- misaligned

extern "C" __global__ void misaligned_vector(const float *x, float *z, int n) {
    if (threadIdx.x < 8) {
        const float4 v = *(const float4 *)(x + threadIdx.x);  // misaligned
        z[threadIdx.x] = v.x + v.w;
    }
}
extern "C" __global__ void misaligned_vector_right(const float *x, float *z, int n) {
    if (threadIdx.x < 8) {
        const float4 v = *(const float4 *)(x + 4 * threadIdx.x);
        z[threadIdx.x] = v.x + v.w;
    }
}

extern "C" __global__ void misaligned_double(const float *x, float *z, int n) {
    ((double *)(z + 1))[threadIdx.x] = 1.0;  // misaligned
}
extern "C" __global__ void misaligned_double_right(const float *x, float *z, int n) {
    ((double *)z)[threadIdx.x] = 1.0;
}

// --------------------------------------------------------------------------------------- races

extern "C" __global__ void no_barrier(const float *x, float *z, int n) {
    __shared__ float tile[64];
    tile[threadIdx.x] = 0;
    __syncthreads();
    tile[threadIdx.x] = x[threadIdx.x];  // race
    z[threadIdx.x] = tile[63 - threadIdx.x];  // other
}
extern "C" __global__ void no_barrier_right(const float *x, float *z, int n) {
    __shared__ float tile[64];
    tile[threadIdx.x] = 0;
    __syncthreads();
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    z[threadIdx.x] = tile[63 - threadIdx.x];
}

extern "C" __global__ void no_second_barrier(const float *x, float *z, int n) {
    __shared__ float tile[64];
    float sum = 0;
    for (int k = 0; k < 2; k++) {
        tile[threadIdx.x] = x[64 * k + threadIdx.x];  // race
        __syncthreads();
        sum += tile[63 - threadIdx.x];  // other
    }
    z[threadIdx.x] = sum;
}
extern "C" __global__ void no_second_barrier_right(const float *x, float *z, int n) {
    __shared__ float tile[64];
    float sum = 0;
    for (int k = 0; k < 2; k++) {
        tile[threadIdx.x] = x[64 * k + threadIdx.x];
        __syncthreads();
        sum += tile[63 - threadIdx.x];
        __syncthreads();
    }
    z[threadIdx.x] = sum;
}

extern "C" __global__ void one_word(const float *x, float *z, int n) {
    __shared__ float last;
    last = x[threadIdx.x];  // race
    __syncthreads();
    z[threadIdx.x] = last;
}
extern "C" __global__ void one_word_right(const float *x, float *z, int n) {
    __shared__ float last;
    if (threadIdx.x == 0) last = x[threadIdx.x];
    __syncthreads();
    z[threadIdx.x] = last;
}

// All write the same, so it does not matter who is the last.
extern "C" __global__ void one_value_right(const float *x, float *z, int n) {
    __shared__ float last;
    last = x[n - 1];
    __syncthreads();
    z[threadIdx.x] = last;
}

// grid 2
extern "C" __global__ void between_blocks(const float *x, float *z, int n) {
    z[threadIdx.x] = x[64 * blockIdx.x + threadIdx.x];  // race
}
// grid 2
extern "C" __global__ void between_blocks_right(const float *x, float *z, int n) {
    z[64 * blockIdx.x + threadIdx.x] = x[64 * blockIdx.x + threadIdx.x];
}

// grid 2
extern "C" __global__ void halo_between_blocks(const float *x, float *z, int n) {
    const int i = 64 * blockIdx.x + threadIdx.x;
    z[i] = x[i];  // race
    __syncthreads();
    if (blockIdx.x == 0 && threadIdx.x == 0) z[128] = 0;
    if (blockIdx.x == 1) z[192 + threadIdx.x] = z[i - 1];  // other
}
// grid 2
extern "C" __global__ void halo_between_blocks_right(const float *x, float *z, int n) {
    const int i = 64 * blockIdx.x + threadIdx.x;
    z[i] = x[i];
    __syncthreads();
    if (blockIdx.x == 1) z[192 + threadIdx.x] = x[i - 1];
}

__device__ float volatile parts[4];
__device__ unsigned finished;

// grid 4
extern "C" __global__ void last_block_without_fence(const float *x, float *z, int n) {
    if (threadIdx.x == 0) {
        parts[blockIdx.x] = x[blockIdx.x];  // race
        if (atomicInc(&finished, gridDim.x - 1) == gridDim.x - 1)
            z[0] = parts[0] + parts[1] + parts[2] + parts[3];  // other
    }
}
// grid 4
extern "C" __global__ void last_block_without_fence_right(const float *x, float *z, int n) {
    __shared__ bool is_last;
    if (threadIdx.x == 0) {
        parts[blockIdx.x] = x[blockIdx.x];
        __threadfence();
        is_last = atomicInc(&finished, gridDim.x - 1) == gridDim.x - 1;
    }
    __syncthreads();
    if (is_last && threadIdx.x < 4) z[threadIdx.x] = parts[threadIdx.x];
}

extern "C" __global__ void copy_behind(const float *x, float *z, int n) {
    memcpy(z + 8 * threadIdx.x, x, threadIdx.x < 32 ? n / 8 : n);  // out of bounds
}
extern "C" __global__ void copy_behind_right(const float *x, float *z, int n) {
    memcpy(z + 4 * threadIdx.x, x, threadIdx.x < 32 ? n / 32 : n / 16);
}

extern "C" __global__ void no_warp_barrier(const float *x, float *z, int n) {
    __shared__ float tile[64];
    tile[threadIdx.x] = x[threadIdx.x];  // race
    z[threadIdx.x] = threadIdx.x & 31 ? tile[threadIdx.x - 1] : 0;  // other
}
extern "C" __global__ void no_warp_barrier_right(const float *x, float *z, int n) {
    __shared__ float tile[64];
    tile[threadIdx.x] = x[threadIdx.x];
    __syncwarp();
    z[threadIdx.x] = threadIdx.x & 31 ? tile[threadIdx.x - 1] : 0;
}

extern "C" __global__ void half_a_warp(const float *x, float *z, int n) {
    __shared__ float tile[64];
    const unsigned mine = threadIdx.x & 16 ? 0xffff0000u : 0xffffu;
    tile[threadIdx.x] = x[threadIdx.x];  // race
    __syncwarp(mine);
    z[threadIdx.x] = tile[threadIdx.x ^ 16];  // other
}
extern "C" __global__ void half_a_warp_right(const float *x, float *z, int n) {
    __shared__ float tile[64];
    const unsigned mine = threadIdx.x & 16 ? 0xffff0000u : 0xffffu;
    tile[threadIdx.x] = x[threadIdx.x];
    __syncwarp(mine);
    z[threadIdx.x] = tile[threadIdx.x ^ 8];
}

extern "C" __global__ void atomic_and_plain(const float *x, float *z, int n) {
    __shared__ int count;
    if (threadIdx.x == 0) count = 0;
    __syncthreads();
    atomicAdd(&count, 1);  // other
    if (threadIdx.x == 63) z[0] = count;  // race
}
extern "C" __global__ void atomic_and_plain_right(const float *x, float *z, int n) {
    __shared__ int count;
    if (threadIdx.x == 0) count = 0;
    __syncthreads();
    atomicAdd(&count, 1);
    __syncthreads();
    if (threadIdx.x == 63) z[0] = count;
}

extern "C" __global__ void race_of_bytes(const float *x, float *z, int n) {
    __shared__ unsigned char bytes[64];
    bytes[threadIdx.x] = threadIdx.x;  // race
    z[threadIdx.x] = bytes[threadIdx.x & 60];  // other
}
extern "C" __global__ void race_of_bytes_right(const float *x, float *z, int n) {
    __shared__ unsigned char bytes[64];
    bytes[threadIdx.x] = threadIdx.x;
    z[threadIdx.x] = bytes[threadIdx.x];
}

// grid 2
extern "C" __global__ void race_of_variable(const float *x, float *z, int n) {
    if (threadIdx.x == 0) counter = counter + 1;  // race
}
// grid 2
extern "C" __global__ void race_of_variable_right(const float *x, float *z, int n) {
    if (threadIdx.x == 0) atomicAdd(&counter, 1);
}

extern "C" __global__ void tree_without_barrier(const float *x, float *z, int n) {
    __shared__ float part[64];
    part[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    for (int half = 32; half > 0; half /= 2)
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];  // race
    if (threadIdx.x == 0) z[0] = part[0];
}
extern "C" __global__ void tree_without_barrier_right(const float *x, float *z, int n) {
    __shared__ float part[64];
    part[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    for (int half = 32; half > 0; half /= 2) {
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) z[0] = part[0];
}

// ------------------------------------------------------------------------------------ barriers

extern "C" __global__ void two_barriers(const float *x, float *z, int n) {
    if (threadIdx.x < 32) {
        __syncthreads();  // divergent barrier
        z[threadIdx.x] = 1;
    } else {
        z[threadIdx.x] = 0;
        __syncthreads();  // other
    }
}
extern "C" __global__ void two_barriers_right(const float *x, float *z, int n) {
    if (threadIdx.x < 32) {
        z[threadIdx.x] = 1;
    } else {
        z[threadIdx.x] = 0;
    }
    __syncthreads();
}

extern "C" __global__ void barrier_in_a_branch(const float *x, float *z, int n) {
    z[threadIdx.x] = 1;
    if (threadIdx.x < 40) __syncthreads();  // other
    else __shfl_sync(0xffffffffu, 1, 0);  // deadlock
}
extern "C" __global__ void barrier_in_a_branch_right(const float *x, float *z, int n) {
    z[threadIdx.x] = 1;
    if (threadIdx.x < 32) __syncwarp();
    else __shfl_sync(0xffffffffu, 1, 0);
    __syncthreads();
}

extern "C" __global__ void returned_threads(const float *x, float *z, int n) {
    __shared__ float tile[64];
    if (threadIdx.x >= 40) return;
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    z[threadIdx.x] = tile[threadIdx.x + 1];  // uninitialised
}
extern "C" __global__ void returned_threads_right(const float *x, float *z, int n) {
    __shared__ float tile[64];
    if (threadIdx.x >= 40) return;
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    z[threadIdx.x] = tile[39 - threadIdx.x];
}

// --------------------------------------------------------------------------------------- warps

// block 48
extern "C" __global__ void absent_lane(const float *x, float *z, int n) {
    z[threadIdx.x] = __shfl_down_sync(0xffffffffu, x[threadIdx.x], 16);  // shuffle
}
// block 48
extern "C" __global__ void absent_lane_right(const float *x, float *z, int n) {
    z[threadIdx.x] = __shfl_down_sync(0xffffffffu, x[threadIdx.x], 8, 16);
}

extern "C" __global__ void lane_outside_mask(const float *x, float *z, int n) {
    if ((threadIdx.x & 31) < 16)
        z[threadIdx.x] = __shfl_sync(0xffffu, x[threadIdx.x], 20);  // shuffle
}
extern "C" __global__ void lane_outside_mask_right(const float *x, float *z, int n) {
    if ((threadIdx.x & 31) < 16) z[threadIdx.x] = __shfl_sync(0xffffu, x[threadIdx.x], 10);
}

extern "C" __global__ void not_in_mask(const float *x, float *z, int n) {
    z[threadIdx.x] = __ballot_sync(0xfffffffeu, threadIdx.x & 1);  // mask
}
extern "C" __global__ void not_in_mask_right(const float *x, float *z, int n) {
    z[threadIdx.x] = __ballot_sync(0xffffffffu, threadIdx.x & 1);
}

extern "C" __global__ void two_calls(const float *x, float *z, int n) {
    float v = x[threadIdx.x];
    if (threadIdx.x & 1)
        v = __shfl_xor_sync(0xffffffffu, v, 2);  // divergent warp
    else
        v = __shfl_xor_sync(0xffffffffu, v, 4);  // other
    z[threadIdx.x] = v;
}
extern "C" __global__ void two_calls_right(const float *x, float *z, int n) {
    float v = x[threadIdx.x];
    if (threadIdx.x & 1)
        v = __shfl_xor_sync(0xaaaaaaaau, v, 2);
    else
        v = __shfl_xor_sync(0x55555555u, v, 4);
    z[threadIdx.x] = v;
}

// ------------------------------------------------------------------------------ what ends a thread

extern "C" __global__ void no_assertion(const float *x, float *z, int n) {
    assert(x[threadIdx.x] < 63);  // assertion
}
extern "C" __global__ void no_assertion_right(const float *x, float *z, int n) {
    assert(x[threadIdx.x] < 64);
}

extern "C" __global__ void trap(const float *x, float *z, int n) {
    if (x[threadIdx.x] == 7) __trap();  // fault
}
extern "C" __global__ void trap_right(const float *x, float *z, int n) {
    if (x[threadIdx.x] == 700) __trap();
}
