// Atomic operations of CUDA.
//
// In run mode blocks share the processor's cores, so these are atomic operations of the processor.
// The other modes run one thread at a time; there the checks are told of the access first.
#pragma once

// The value that was there before `change` replaced it.
template <class T, class Change>
KERNELGRAPH_UNSEEN __attribute__((noinline)) T kernelgraph_replace(
    T *pointer, Change change, int line) {
#ifdef KERNELGRAPH_WATCHED
    kernelgraph_access(pointer, sizeof(T), 2, line);
    const T old = *pointer;
    *pointer = change(old);
    return old;
#else
    (void)line;
    T old, wanted;
    __atomic_load(pointer, &old, __ATOMIC_RELAXED);
    do wanted = change(old);
    while (!__atomic_compare_exchange(
        pointer, &old, &wanted, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return old;
#endif
}

// A type as the type of another parameter says, so that atomicAdd(&x, 1) has one answer.
template <class T> struct kernelgraph_same { typedef T type; };
#define KERNELGRAPH_SAME typename kernelgraph_same<T>::type

#define KERNELGRAPH_ATOMIC(name, expression) \
    template <class T> \
    KERNELGRAPH_INLINE T name(T *pointer, KERNELGRAPH_SAME value, KERNELGRAPH_LINE) { \
        auto change = [value](T old) KERNELGRAPH_UNSEEN -> T { return (T)(expression); }; \
        return kernelgraph_replace(pointer, change, line); \
    } \
    template <class T> \
    KERNELGRAPH_INLINE T name##_block(T *pointer, KERNELGRAPH_SAME value, KERNELGRAPH_LINE) { \
        return name(pointer, value, line); \
    } \
    template <class T> \
    KERNELGRAPH_INLINE T name##_system(T *pointer, KERNELGRAPH_SAME value, KERNELGRAPH_LINE) { \
        return name(pointer, value, line); \
    }

KERNELGRAPH_ATOMIC(atomicAdd, old + value)
KERNELGRAPH_ATOMIC(atomicSub, old - value)
KERNELGRAPH_ATOMIC(atomicMax, old > value ? old : value)
KERNELGRAPH_ATOMIC(atomicMin, old < value ? old : value)
KERNELGRAPH_ATOMIC(atomicExch, value)
KERNELGRAPH_ATOMIC(atomicAnd, old & value)
KERNELGRAPH_ATOMIC(atomicOr, old | value)
KERNELGRAPH_ATOMIC(atomicXor, old ^ value)
KERNELGRAPH_ATOMIC(atomicInc, old >= value ? 0 : old + 1)
KERNELGRAPH_ATOMIC(atomicDec, old == 0 || old > value ? value : old - 1)

template <class T>
KERNELGRAPH_INLINE T atomicCAS(
    T *pointer, KERNELGRAPH_SAME compare, KERNELGRAPH_SAME value, KERNELGRAPH_LINE) {
    auto change = [compare, value](T old) KERNELGRAPH_UNSEEN -> T {
        return old == compare ? value : old;
    };
    return kernelgraph_replace(pointer, change, line);
}
