// What is counted of a kernel: for each instruction that accesses memory, and for the whole.
#pragma once
#include "machine.h"

namespace kernelgraph {

// The requests of one instruction. A request is what the lanes of a warp ask for at once.
struct Count {
    uint64_t requests = 0, lanes = 0;
    uint64_t sectors = 0;          // of 32 bytes of global memory
    uint64_t wavefronts = 0;       // passes over the banks of shared memory,
    uint64_t conflicts = 0;        // and those beyond the first of each phase
    uint64_t bytes = 0;            // that the lanes asked for
};

struct Measurement {
    std::string kernel;
    // by line, kind of access, and whether the memory is shared
    std::map<std::tuple<int, int, bool>, Count> counts;
    uint64_t steps = 0, lanes = 0; // basic blocks that warps ran, and the lanes that ran them
    std::map<int, std::pair<uint64_t, uint64_t>> steps_of_line;
    uintptr_t shared_begin = 0;
    size_t shared_size = 0;
    std::map<std::string, Measurement> kernels;  // of earlier launches, by name
};

}  // namespace kernelgraph
