// How the machine calls a kernel: through two functions that know the types of its parameters.
//
// `KERNELGRAPH_KERNEL(name)` follows the kernel's source, once for each kernel. It defines
//   kernelgraph_one_NAME    runs one thread: the one whose threadIdx is set;
//   kernelgraph_all_NAME    runs all threads of a block one after another, for kernels in which
//                           no thread waits for another;
//   kernelgraph_type_NAME   says what the parameters are: a letter and a size for each.
#pragma once

template <class T> constexpr char kernelgraph_letter() {
    return std::is_pointer<T>::value          ? 'p'
           : std::is_floating_point<T>::value ? 'f'
           : std::is_same<T, bool>::value     ? 'b'
           : std::is_enum<T>::value           ? 'i'
           : !std::is_integral<T>::value      ? 's'
           : std::is_signed<T>::value         ? 'i'
                                              : 'u';
}

template <class... A, std::size_t... I>
KERNELGRAPH_UNSEEN inline __attribute__((always_inline)) void kernelgraph_call(
    void (*kernel)(A...), void **arguments, std::index_sequence<I...>) {
    kernel(*(std::remove_reference_t<A> *)arguments[I]...);
}

template <class... A>
KERNELGRAPH_UNSEEN inline __attribute__((always_inline)) void kernelgraph_call(
    void (*kernel)(A...), void **arguments) {
    kernelgraph_call(kernel, arguments, std::index_sequence_for<A...>{});
}

template <class... A> inline const char *kernelgraph_types(void (*)(A...)) {
    static char text[sizeof...(A) * 8 + 1];
    char *end = text;
    ((end += snprintf(end, 8, "%c%u ", kernelgraph_letter<A>(), (unsigned)sizeof(A))), ...);
    return text;
}

#define KERNELGRAPH_VISIBLE extern "C" __attribute__((visibility("default")))
#define KERNELGRAPH_KERNEL(name) \
    KERNELGRAPH_VISIBLE KERNELGRAPH_UNSEEN void kernelgraph_one_##name(void **arguments) { \
        kernelgraph_call(name, arguments); \
    } \
    KERNELGRAPH_VISIBLE KERNELGRAPH_UNSEEN void kernelgraph_all_##name(void **arguments) { \
        const uint3 size = blockDim; \
        for (unsigned z = 0; z < size.z; z++) \
            for (unsigned y = 0; y < size.y; y++) \
                for (unsigned x = 0; x < size.x; x++) { \
                    threadIdx = {x, y, z}; \
                    kernelgraph_call(name, arguments); \
                } \
    } \
    KERNELGRAPH_VISIBLE const char *kernelgraph_type_##name() { return kernelgraph_types(name); }

// The memory of `extern __shared__` arrays, which assembly.py defines. Its address says where this
// module's shared memory lies in the thread of the processor that asks.
extern "C" __thread char kernelgraph_dynamic[] __attribute__((visibility("hidden")));
KERNELGRAPH_VISIBLE KERNELGRAPH_UNSEEN void *kernelgraph_shared() { return kernelgraph_dynamic; }
