/* A stand-in for NVIDIA's driver library, libcuda.so.1, with which the libraries that reach a GPU can
   be tested where there is none: the memory of its device is the host's, a launch is written down.

   A test tells it what to answer: stand_in_refuse("cuMemAlloc", 2), and reads what was launched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int result;
typedef unsigned long long pointer;

static char refused[64];
static int answer, calls_answered;
static int version = 13000, depth;
static size_t total = 1 << 20, used;

struct launch {
    unsigned grid[3], block[3], shared;
    void *function, *stream;
    int sizes[64], count;
    size_t length;
    unsigned char data[4096];
} stand_in_launch;

void stand_in_refuse(const char *name, int number) {
    strncpy(refused, name, sizeof refused - 1);
    answer = number;
}
void stand_in_version(int number) { version = number; }
int stand_in_depth(void) { return depth; }
int stand_in_calls(void) { return calls_answered; }
size_t stand_in_used(void) { return used; }

static int refuses(const char *name) {
    calls_answered++;
    return strcmp(refused, name) == 0 ? answer : 0;
}
#define CALL(name)                        \
    do {                                  \
        int number = refuses(name);       \
        if (number) return number;        \
    } while (0)

result cuInit(unsigned flags) { CALL("cuInit"); return 0; }
result cuDriverGetVersion(int *out) { *out = version; return 0; }
result cuDeviceGetCount(int *out) { *out = 1; return 0; }
result cuDeviceGet(int *out, int number) { CALL("cuDeviceGet"); *out = number; return number ? 101 : 0; }
result cuDeviceGetName(char *out, int length, int device) { strncpy(out, "Stand-in", length); return 0; }
result cuDeviceGetAttribute(int *out, int which, int device) {
    *out = which == 75 ? 9 : which == 76 ? 0 : which == 16 ? 132 : 1024;
    return 0;
}
result cuDeviceComputeCapability(int *major, int *minor, int device) { *major = 9; *minor = 0; return 0; }
result cuDeviceTotalMem_v2(size_t *out, int device) { *out = total; return 0; }
result cuDevicePrimaryCtxRetain(void **out, int device) { CALL("cuDevicePrimaryCtxRetain"); *out = (void *)0x1000; return 0; }
result cuDevicePrimaryCtxRelease_v2(int device) { return 0; }
result cuDevicePrimaryCtxRelease(int device) { return 0; }
result cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) { return 0; }
result cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active) { *flags = 0; *active = 1; return 0; }
static void *current;
result cuCtxPushCurrent_v2(void *context) { CALL("cuCtxPushCurrent"); depth++; current = context; return 0; }
result cuCtxPopCurrent_v2(void **out) {
    if (depth > 0) depth--;
    if (out) *out = current;
    if (!depth) current = 0;
    return 0;
}
result cuCtxGetCurrent(void **out) { *out = current; return 0; }
result cuCtxSetCurrent(void *context) { current = context; return 0; }
result cuCtxGetDevice(int *out) { *out = 0; return 0; }
result cuCtxGetApiVersion(void *context, unsigned *out) { *out = 3020; return 0; }
result cuCtxDetach(void *context) { return 0; }
result cuCtxDestroy_v2(void *context) { return 0; }
result cuCtxSynchronize(void) { CALL("cuCtxSynchronize"); return 0; }

result cuMemGetInfo_v2(size_t *free, size_t *all) { *free = total - used; *all = total; return 0; }
result cuMemAlloc_v2(pointer *out, size_t size) {
    CALL("cuMemAlloc");
    if (used + size > total) return 2;
    size_t *block = malloc(size + 16);
    *block = size;
    used += size;
    *out = (pointer)(uintptr_t)(block + 2);
    return 0;
}
result cuMemFree_v2(pointer at) {
    size_t *block = (size_t *)(uintptr_t)at - 2;
    used -= *block;
    free(block);
    return 0;
}
result cuMemcpyHtoD_v2(pointer to, const void *from, size_t size) { CALL("cuMemcpyHtoD"); memcpy((void *)(uintptr_t)to, from, size); return 0; }
result cuMemcpyDtoH_v2(void *to, pointer from, size_t size) { CALL("cuMemcpyDtoH"); memcpy(to, (void *)(uintptr_t)from, size); return 0; }
result cuMemcpyDtoD_v2(pointer to, pointer from, size_t size) { memcpy((void *)(uintptr_t)to, (void *)(uintptr_t)from, size); return 0; }

result cuModuleLoadData(void **out, const void *image) {
    CALL("cuModuleLoadData");
    if (memcmp(image, "\177ELF", 4)) return 200;
    *out = (void *)0x2000;
    return 0;
}
result cuModuleLoadDataEx(void **out, const void *image, unsigned n, void *options, void *values) { return cuModuleLoadData(out, image); }
result cuModuleUnload(void *module) { return 0; }
result cuModuleGetFunction(void **out, void *module, const char *name) {
    CALL("cuModuleGetFunction");
    *out = (void *)0x3000;
    return 0;
}
result cuFuncGetAttribute(int *out, int which, void *function) { *out = 0; return 0; }
result cuFuncSetAttribute(void *function, int which, int value) { CALL("cuFuncSetAttribute"); return which == 8 ? 0 : 1; }
result cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                      unsigned bz, unsigned shared, void *stream, void **parameters, void **extra) {
    CALL("cuLaunchKernel");
    struct launch *l = &stand_in_launch;
    l->grid[0] = gx, l->grid[1] = gy, l->grid[2] = gz;
    l->block[0] = bx, l->block[1] = by, l->block[2] = bz;
    l->shared = shared, l->function = function, l->stream = stream, l->length = 0;
    if (extra) { /* the buffer and its length, behind 1 and 2 */
        l->length = *(size_t *)extra[3];
        memcpy(l->data, extra[1], l->length);
        return 0;
    }
    for (int k = 0; k < l->count; k++) {
        memcpy(l->data + l->length, parameters[k], l->sizes[k]);
        l->length += l->sizes[k];
    }
    return 0;
}
result cuStreamCreate(void **out, unsigned flags) { *out = (void *)0x4000; return 0; }
result cuStreamSynchronize(void *stream) { CALL("cuStreamSynchronize"); return 0; }
result cuStreamDestroy_v2(void *stream) { return 0; }
result cuEventCreate(void **out, unsigned flags) { *out = calloc(1, 8); return 0; }
result cuEventRecord(void *event, void *stream) { return 0; }
result cuEventSynchronize(void *event) { return 0; }
result cuEventQuery(void *event) { return 0; }
result cuEventDestroy_v2(void *event) { return 0; }
result cuEventElapsedTime(float *out, void *first, void *last) { *out = 1.5f; return 0; }
result cuEventElapsedTime_v2(float *out, void *first, void *last) { *out = 1.5f; return 0; }

static const struct { int number; const char *words; } ERRORS[] = {
    {2, "out of memory"}, {3, "initialization error"}, {100, "no CUDA-capable device is detected"},
    {101, "invalid device ordinal"}, {200, "device kernel image is invalid"},
    {500, "named symbol not found"}, {700, "an illegal memory access was encountered"},
    {719, "unspecified launch failure"},
    {803, "system has unsupported display driver / cuda driver combination"},
};
result cuGetErrorString(int number, const char **out) {
    *out = "unknown error";
    for (unsigned k = 0; k < sizeof ERRORS / sizeof *ERRORS; k++)
        if (ERRORS[k].number == number) *out = ERRORS[k].words;
    return 0;
}
result cuGetErrorName(int number, const char **out) { *out = "CUDA_ERROR"; return 0; }

/* The newest version of a function that is here. */
result cuGetProcAddress_v2(const char *name, void **out, int asked, uint64_t flags, int *status) {
    char versioned[128];
    void *self = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
    *out = 0;
    for (int number = 4; number >= 1 && !*out; number--) {
        snprintf(versioned, sizeof versioned, number > 1 ? "%s_v%d" : "%s", name, number);
        *out = dlsym(self, versioned);
    }
    if (status) *status = *out ? 0 : 1;
    return *out ? 0 : 500;
}
result cuGetProcAddress(const char *name, void **out, int asked, uint64_t flags) { return cuGetProcAddress_v2(name, out, asked, flags, 0); }
