// What a watched kernel calls on its way.
//
// The compiler can be asked to put a call before every access of memory, for its thread sanitizer
// (-fsanitize=thread), and one at the beginning of every basic block, for coverage
// (-fsanitize-coverage=trace-pc). We take the calls and leave the sanitizer: assembly.py gives them
// names of ours, and here is what they do. Values that the compiler keeps in registers, and locals
// whose address nobody takes, are no accesses.
#include "machine.h"

using namespace kernelgraph;

namespace {

constexpr int64_t QUANTUM = 20000;  // basic blocks that a thread runs before others have a turn

inline void access(uintptr_t place, void *pointer, size_t size, Kind kind, bool aligned) {
    Worker *w = worker;
    if (!w || !w->inside) return;
    if (w->machine->mode == CHECK) {
        check_access(*w, place, (uintptr_t)pointer, size, kind, aligned);
    } else if (w->machine->mode == MEASURE && !inside_stack(*w->current, (uintptr_t)pointer)) {
        w->current->accesses.push_back({place, (uintptr_t)pointer, (uint32_t)size, kind});
    }
}

}  // namespace

// Behind the call, where assembly.py has put a label.
#define HERE ((uintptr_t)__builtin_return_address(0))

#define HOOKS(size) \
    void kernelgraph_read##size(void *p) { access(HERE, p, size, READ, true); } \
    void kernelgraph_write##size(void *p) { access(HERE, p, size, WRITE, true); } \
    void kernelgraph_unaligned_read##size(void *p) { access(HERE, p, size, READ, false); } \
    void kernelgraph_unaligned_write##size(void *p) { access(HERE, p, size, WRITE, false); } \
    void kernelgraph_volatile_read##size(void *p) { access(HERE, p, size, READ, true); } \
    void kernelgraph_volatile_write##size(void *p) { access(HERE, p, size, WRITE, true); }

extern "C" {

HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

void kernelgraph_read_range(void *p, size_t size) { access(HERE, p, size, READ, false); }
void kernelgraph_write_range(void *p, size_t size) { access(HERE, p, size, WRITE, false); }
void kernelgraph_init() {}
void kernelgraph_func_entry(void *) {
    if (worker && worker->inside) worker->current->depth++;
}
void kernelgraph_func_exit() {
    if (worker && worker->inside) worker->current->depth--;
}

void kernelgraph_access(const void *pointer, size_t size, int kind, int line) {
    if (worker && worker->inside) worker->current->line = line;
    access(LINE | (uintptr_t)line, (void *)pointer, size, (Kind)kind, kind == ATOMIC);
}

void kernelgraph_fence() {
    Worker *w = worker;
    if (w && w->inside && w->machine->mode == CHECK) check_fence(*w->machine);
}

void kernelgraph_basic_block() {
    Worker *w = worker;
    if (!w || !w->inside) return;
    Machine &machine = *w->machine;
    const uintptr_t place = HERE;
    if (machine.stopping.load(std::memory_order_relaxed)) leave(*w);
    if (--machine.budget_left < 0) {
        const int line = w->launch->module->line_of(place);
        machine.fail("line " + std::to_string(line ? line : w->current->line) +
                     ": the kernel does not end within " + std::to_string(machine.budget) +
                     " basic blocks: " + where(blockIdx, threadIdx));
        leave(*w);
    }
    if (machine.mode == MEASURE) {
        w->current->place = place;
        give_way(*w);
    } else if (--w->quantum < 0) {
        w->quantum = QUANTUM;
        give_way(*w);
    }
}

}
