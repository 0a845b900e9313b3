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

#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif

__device__ static inline float64 magnitude(float64 x) { return fabs(x); }
__device__ static inline float32 magnitude(float32 x) { return fabsf(x); }
template <class T> __device__ static inline T magnitude(T x) { return x < 0 ? -x : x; }

// true_div = exp(x - switch(... * ..., peak(x, axis=1), 0)) / sum(exp(x - switch(..., ..., 0)), axis=1)
// Launch: a block of 256 threads for each of x_n0 rows, or fewer.
extern "C" __global__ void kernel_0(int64 x_n0, int64 x_n1, const float64 *__restrict__ x, float64 *__restrict__ v_exp, float64 *__restrict__ true_div, int64 x_s0) {
    for (int64 i = blockIdx.x; i < x_n0; i += gridDim.x) {
        float64 peak_best = (-(float64)INFINITY);
        __shared__ float64 peak_best_shared[256];
        for (int64 j = threadIdx.x; j < x_n1; j += blockDim.x) {
            const float64 x_1 = x[i * x_s0 + j];
            peak_best = peak_best > x_1 || peak_best != peak_best ? peak_best : x_1;
        }
        peak_best_shared[threadIdx.x] = peak_best;
        __syncthreads();
        for (int half = 256 / 2; half > 0; half /= 2) {
            if (threadIdx.x < half) {
                const float64 mine = peak_best_shared[threadIdx.x];
                const float64 other = peak_best_shared[threadIdx.x + half];
                peak_best_shared[threadIdx.x] = mine > other || mine != mine ? mine : other;
            }
            __syncthreads();
        }
        peak_best = peak_best_shared[0];
        __syncthreads();
        const float64 peak = peak_best;
        const float64 v_abs = magnitude(peak);
        const bool8 lt = 600.0 < v_abs;
        const bool8 lt_1 = v_abs < ((float64)INFINITY);
        const bool8 mul = lt * lt_1;
        const float64 v_switch = mul ? peak : 0.0;
        float64 sum_total = 0.0;
        __shared__ float64 sum_total_shared[256];
        for (int64 j = threadIdx.x; j < x_n1; j += blockDim.x) {
            const float64 sub = x[i * x_s0 + j] - v_switch;
            const float64 v_exp_1 = exp(sub);
            v_exp[i * x_n1 + j] = v_exp_1;
            sum_total = sum_total + v_exp_1;
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
        const float64 v_sum = sum_total;
        __syncthreads();
        for (int64 j = threadIdx.x; j < x_n1; j += blockDim.x) {
            const float64 true_div_1 = v_exp[i * x_n1 + j] / v_sum;
            true_div[i * x_n1 + j] = true_div_1;
        }
    }
}

