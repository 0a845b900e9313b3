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

#define to_float64(x) ((float64)(x))

// add = exp(x) * y + sqrt(y)
// Launch: a thread for each of x_n0 iterations, or fewer.
extern "C" __global__ void kernel_0(int64 x_n0, const float64 *__restrict__ x, const float32 *__restrict__ y, float64 *__restrict__ add) {
    for (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < x_n0; i += (int64)gridDim.x * blockDim.x) {
        const float64 v_exp = exp(x[i]);
        const float64 mul = v_exp * to_float64(y[i]);
        const float32 v_sqrt = sqrt(y[i]);
        const float64 add_1 = mul + to_float64(v_sqrt);
        add[i] = add_1;
    }
}

