// What the checks remember of memory: who wrote and read each word, and which variables there are.
#pragma once
#include "machine.h"

namespace kernelgraph {

// One access: who, when, and where in the code. A segment is the time of one block between two of
// its barriers; segments are numbered in the order in which they run.
struct Entry {
    uint32_t segment = 0;  // 0: nobody
    uint32_t clock = 0;    // of the lane, within its warp
    uint16_t thread = 0;
    uint16_t atomic = 0;
    uint32_t place = 0;    // an index in Checks::places
};

// Four bytes of memory: the accesses to it that a later one may be in a race with. Two reads of
// different threads are enough: whoever writes races with one of them. Two atomic writes likewise.
struct Cell {
    Entry write, write2, read, read2;
};

constexpr uint32_t SPLIT = UINT32_MAX;  // as a segment: the word's bytes have cells of their own

// The cells of a range of addresses, made when they are first asked for.
struct Shadow {
    static constexpr size_t WORDS = 1024;
    uintptr_t begin = 0;
    std::unordered_map<uintptr_t, std::unique_ptr<Cell[]>> pages;
    struct Recent { uintptr_t page = UINTPTR_MAX; Cell *cells = nullptr; };
    Recent recent[64];  // pages that were asked for lately, by their last digits
    Cell &cell(uintptr_t address) {
        const uintptr_t word = (address - begin) >> 2, page = word / WORDS;
        Recent &r = recent[page % 64];
        if (page != r.page) {
            auto &found = pages[page];
            if (!found) found.reset(new Cell[WORDS]);
            r = {page, found.get()};
        }
        return r.cells[word % WORDS];
    }
    void forget() {
        pages.clear();
        for (Recent &r : recent) r = Recent();
    }
};

// What blocks have made known by a fence (__threadfence) and an atomic operation after it: all that
// a block did in the segments from `block_first` to `segment`. In the order of time.
struct Release { uint32_t block_first, segment; };

// The releases through one word that a block has seen, by an atomic operation of its own.
struct Acquired { const std::vector<Release> *releases; size_t count; };

// A write over another thread's write: a race unless both write the same value, as is seen after.
struct Pending {
    uintptr_t address = 0;
    size_t size = 0;
    unsigned char before[16];
    int line = 0, other_line = 0;
    std::string message;
};

struct Checks {
    Shadow global, shared, variables;
    std::deque<Cell> bytes;              // of split words, four each
    std::vector<uint8_t> shared_written;
    std::vector<uintptr_t> places;       // where in the code accesses were
    std::unordered_map<uintptr_t, uint32_t> place_numbers;
    uintptr_t last_place = 0;
    uint32_t last_number = 0;
    uint32_t segment = 0, block_first = 0, launch_first = 0;
    uintptr_t shared_begin = 0;
    size_t shared_size = 0;              // of this launch, the dynamic part included
    uintptr_t variables_begin = 0, variables_end = 0;
    uintptr_t own_begin = 0, own_end = 0;  // threadIdx and its kin
    struct Range { uintptr_t begin, end; };
    Range near[4] = {};                  // the arrays that were accessed last
    unsigned next_near = 0;
    Pending pending;
    bool fenced = false;                 // whether the block that runs has made a fence
    std::unordered_map<uintptr_t, std::vector<Release>> releases;  // by the word's address
    std::vector<Acquired> acquired;      // by the block that runs
};

}  // namespace kernelgraph
