// Kernels whose accesses are easy to count. Lines that a test asks for are marked by a word.

extern "C" __global__ void strided(const float *x, float *y, int stride) {
    y[threadIdx.x] = x[threadIdx.x * stride];  // strided
}

extern "C" __global__ void shared_strided(float *y, int stride) {
    __shared__ float values[32 * 33];
    values[threadIdx.x * stride] = 1;  // shared
    __syncwarp();
    y[threadIdx.x] = values[0];  // broadcast
}

extern "C" __global__ void wide(const float4 *x, float4 *y) {
    __shared__ float4 values[32];
    __shared__ double doubles[32];
    values[threadIdx.x] = x[threadIdx.x];  // sixteen
    doubles[threadIdx.x] = 1;  // eight
    y[threadIdx.x] = values[threadIdx.x];
    y[threadIdx.x].x += doubles[threadIdx.x];
}

extern "C" __global__ void even_and_odd(float *y) {
    const int i = threadIdx.x;
    if (i & 1)
        y[i] = y[i] * 2;  // odd
    else
        y[i] = y[i] + 1;  // even
    y[i + 32] = 1;  // together
}

extern "C" __global__ void by_warps(float *y) {
    const int i = threadIdx.x;
    if (i & 32)
        y[i] = y[i] * 2;
    else
        y[i] = y[i] + 1;
}

// Lane i runs i + 1 times, and twice over: the lanes meet between the two.
extern "C" __global__ void triangle(float *y) {
    for (int k = 0; k < 2; k++) {
        float sum = 0;
        for (int j = 0; j <= threadIdx.x; j++) sum += y[j];  // inner
        y[32 * (k + 1) + threadIdx.x] = sum;  // outer
    }
}

__device__ __noinline__ float second(const float *x, int i) {
    if (i < 8) return x[i];  // called
    return 0;
}
extern "C" __global__ void calls(const float *x, float *y) {
    y[threadIdx.x] = second(x, threadIdx.x);  // after
}

extern "C" __global__ void counts(int *y) {
    atomicAdd(y + threadIdx.x % 2, 1);  // atomic
}
