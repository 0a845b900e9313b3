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

// -------------------------------- ways to go apart: on lines marked by "all", all lanes are together

extern "C" __global__ void switches(const float *x, float *y) {
    int i = threadIdx.x;
    switch (i % 4) {
        case 0: y[i] = 1; break;
        case 1: y[i] = x[i] * 2; break;
        case 2: y[i] = x[i] - 2;  // and on
        default: y[i + 32] = 3;
    }
    y[i + 64] = 1;  // all
}

extern "C" __global__ void breaks(const float *x, float *y) {
    int i = threadIdx.x;
    float s = 0;
    for (int k = 0; k < 64; k++) {
        if (k == i) break;
        if (k & 1) continue;
        s += x[k];
    }
    y[i] = s;  // all
}

extern "C" __global__ void nested(const float *x, float *y) {
    int i = threadIdx.x;
    for (int o = 0; o < 4; o++) {
        if (i & 1) {
            for (int j = 0; j < (i & 7); j++) y[i] += x[j];
        } else if (i & 2) {
            y[i] = x[i];
            while (y[i] > 0) y[i] -= 1;
        } else
            y[i] *= x[i + o];
        y[i + 32] = 2;  // all
    }
    y[i + 64] = 1;  // all
}

extern "C" __global__ void returns(const float *x, float *y) {
    int i = threadIdx.x;
    if (x[i] > 5) y[i + 96] = 0;
    y[i + 32] = sqrtf(x[i]) > 2 ? x[i] : y[i];
    if (i > 31) return;
    if (x[i] > 7) {
        y[i] = 0;
        return;
    }
    y[i + 64] = 1;  // all
}

extern "C" __global__ void conditions(const float *x, float *y) {
    int i = threadIdx.x;
    if ((x[i] > 1 && x[i + 32] > 2) || x[i + 64] == 0) y[i] = 1;
    else y[i] = 2;
    y[i + 64] = 1;  // all
    do {
        y[i] += 1;
    } while (y[i] < i);
    y[i + 96] = 1;  // all
}
