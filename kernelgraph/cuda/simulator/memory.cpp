// The memory of the device: one range of addresses, of which pieces are given out.
//
// A pointer of the device is an address of this process. Between two pieces there is a page that
// belongs to nobody. In run mode the processor itself refuses to touch what is not given out; in
// the other modes it can be touched, so that a check can note it and go on. What is given back is
// used again only when all else is used up, so that its use is noticed.
#include "machine.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace kernelgraph;

static uint64_t page_size() { return (uint64_t)sysconf(_SC_PAGESIZE); }

static uint64_t whole_pages(uint64_t size) {
    return (std::max<uint64_t>(size, 1) + page_size() - 1) / page_size() * page_size();
}

extern "C" {

uint64_t kernelgraph_allocate(Machine *m, uint64_t size) {
    const uint64_t page = page_size(), whole = whole_pages(size);
    if (whole > m->arena_end - m->arena) return 0;
    uintptr_t at = 0;
    if (m->arena_end - m->arena_next >= whole + 2 * page) {
        at = m->arena_next + page;
        m->arena_next = at + whole;
    } else {  // what was freed is used again only when all else is used up
        for (auto &gap : m->freed)
            if (gap.second >= whole) { at = gap.first; break; }
        if (!at) return 0;
        const size_t rest = m->freed[at] - whole;
        m->freed.erase(at);
        if (rest > page) m->freed[at + whole + page] = rest - page;
    }
    if (m->mode == RUN && mprotect((void *)at, whole, PROT_READ | PROT_WRITE)) return 0;
    if (m->written) memset(m->written + (at - m->arena), 0, whole);
    m->allocations[at] = size;
    return at;
}

int kernelgraph_free(Machine *m, uint64_t pointer) {
    auto found = m->allocations.find(pointer);
    if (found == m->allocations.end()) return 0;
    const uint64_t whole = whole_pages(found->second);
    m->allocations.erase(found);
    m->freed[pointer] = whole;
    madvise((void *)pointer, whole, MADV_DONTNEED);
    if (m->mode == RUN) mprotect((void *)pointer, whole, PROT_NONE);
    return 1;
}

// Whether so many bytes from a pointer on lie in one allocation, or in one variable of a module.
int kernelgraph_owns(Machine *m, uint64_t pointer, uint64_t size) {
    auto after = m->allocations.upper_bound(pointer);
    if (after != m->allocations.begin()) {
        --after;
        const uint64_t offset = pointer - after->first;
        if (offset <= after->second && size <= after->second - offset) return 1;
    }
    for (auto &module : m->modules)
        for (const Object &object : module->variables)
            if (pointer >= object.begin && pointer <= object.end && size <= object.end - pointer)
                return 1;
    return 0;
}

void kernelgraph_wrote(Machine *m, uint64_t pointer, uint64_t size) {
    if (m->written && pointer - m->arena < m->arena_end - m->arena)
        memset(m->written + (pointer - m->arena), 1, size);
}

// As `memcpy` on the device: what was not written stays so.
void kernelgraph_copy(Machine *m, uint64_t target, uint64_t source, uint64_t size) {
    memmove((void *)target, (void *)source, size);
    const uint64_t room = m->arena_end - m->arena;
    if (!m->written || target - m->arena >= room) return;
    if (source - m->arena >= room) return kernelgraph_wrote(m, target, size);
    memmove(m->written + (target - m->arena), m->written + (source - m->arena), size);
}

}
