typedef bool bool8;
typedef signed char int8;
typedef short int16;
typedef int int32;
typedef long long int64;
typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;
typedef float float32;
typedef double float64;

// v_sum = sum(exp(x), axis=1)
// Launch: a block of 256 threads for each of x_n0 rows, or fewer.
extern "C" __global__ void kernel_0(int64 x_n0, int64 x_n1, const float64 *__restrict__ x, float64 *__restrict__ v_sum, int64 x_s0) {
    for (int64 i = blockIdx.x; i < x_n0; i += gridDim.x) {
        float64 sum_total = 0.0;
        __shared__ float64 sum_total_shared[256];
        for (int64 j = threadIdx.x; j < x_n1; j += blockDim.x) {
            const float64 v_exp = exp(x[i * x_s0 + j]);
            sum_total = sum_total + v_exp;
        }
        sum_total_shared[threadIdx.x] = sum_total;
        __syncthreads();
        for (int half = 256 / 2; half > 0; half /= 2) {
            if (threadIdx.x < half) {
                const float64 mine = sum_total_shared[threadIdx.x];
                const float64 other = sum_total_shared[threadIdx.x + half];
                sum_total_shared[threadIdx.x] = mine + other;
            }
            __syncthreads();
        }
        sum_total = sum_total_shared[0];
        __syncthreads();
        const float64 v_sum_1 = sum_total;
        if (threadIdx.x == 0)
            v_sum[i] = v_sum_1;
    }
}

