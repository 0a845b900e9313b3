// The threads of a block as fibers, and where they wait for each other: barriers of the block, and
// what the lanes of a warp do together.
//
// All fibers of a block run on one thread of the processor, in turns. A fiber runs until it waits
// (or, where the kernel is watched, until it had its share of basic blocks), so the order is the
// same in every run. When no fiber can run, the scheduler sees who waits for what: it opens the
// barrier where all that live stand, or says that they will wait for ever.
#include "machine.h"

#include <algorithm>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
KERNELGRAPH_TLS uint3 threadIdx, blockIdx, blockDim, gridDim;
}

namespace kernelgraph {

KERNELGRAPH_TLS Worker *worker;

// ----------------------------------------------------------------------------------------- stacks

bool take_stacks(Worker &w) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    std::lock_guard<std::mutex> hold(w.machine->lock);
    for (Fiber &fiber : w.fibers) {
        auto &stacks = w.machine->stacks;
        if (stacks.empty()) {
            const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
            void *made = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, flags, -1, 0);
            if (made == MAP_FAILED) return false;
            mprotect(made, page, PROT_NONE);  // what overflows is a fault, not damage
            stacks.push_back((char *)made);
        }
        fiber.stack = stacks.back();
        fiber.fresh = true;
        stacks.pop_back();
    }
    return true;
}

void return_stacks(Worker &w) {
    std::lock_guard<std::mutex> hold(w.machine->lock);
    for (Fiber &fiber : w.fibers)
        if (fiber.stack) w.machine->stacks.push_back(fiber.stack);
    w.fibers.clear();
}

bool inside_stack(const Fiber &fiber, uintptr_t address) {
    return address - (uintptr_t)fiber.stack < STACK;
}

// ----------------------------------------------------------------------------------------- fibers

// What a fiber runs, for one block after another.
static void entry() {
    for (;;) {
        Worker &w = *worker;
        Launch &launch = *w.launch;
        (launch.waits ? launch.one : launch.all)(launch.arguments);
        Worker &same = *worker;
        same.current->state = State::done;
        change(same.current->context, same.scheduler);
    }
}

void leave(Worker &w) {
    w.inside = 0;
    w.current->state = State::done;
    w.current->fresh = true;
    change(w.current->context, w.scheduler);
    __builtin_unreachable();
}

void give_way(Worker &w) { change(w.current->context, w.scheduler); }

static void resume(Worker &w, Fiber &fiber) {
    w.current = &fiber;
    w.moved = true;
    threadIdx = fiber.index;
    w.inside = 1;
    change(w.scheduler, fiber.context);
    w.inside = 0;
    if (w.machine->mode == CHECK) check_settled(*w.machine);
}

static void begin(Worker &w) {
    unsigned number = 0;
    for (Fiber &fiber : w.fibers) {
        const unsigned row = number / blockDim.x;
        fiber.index = {number % blockDim.x, row % blockDim.y, row / blockDim.y};
        fiber.number = number++;
        fiber.state = State::ready;
        fiber.depth = 0;
        fiber.place = 0;
        if (fiber.fresh) {
            // Tops that differ in their high digits alone would all want the same cache lines.
            const size_t lower = fiber.number % 128 * 256;
            prepare(fiber.context, fiber.stack, STACK - lower, entry);
        }
        fiber.fresh = false;
        if (w.machine->mode == CHECK) check_thread(fiber);
    }
    if (w.machine->mode == CHECK) check_block(w);
}

// ------------------------------------------------------------------------------------------- warps

static unsigned live_lanes(Worker &w, unsigned first) {
    unsigned live = 0;
    for (unsigned lane = 0; lane < LANES && first + lane < w.fibers.size(); lane++)
        if (w.fibers[first + lane].state != State::done) live |= 1u << lane;
    return live;
}

// What one lane gets of the others; `lanes` are those that take part.
static uint64_t exchanged(Worker &w, unsigned first, unsigned lanes, Fiber &me) {
    const int lane = (int)(me.number % LANES);
    auto value = [&](int other) { return w.fibers[first + other].value; };
    int source = lane;
    const int begin = lane & ~(me.width - 1), end = begin + me.width;
    switch (me.operation) {
        case 0: return 0;                       // __syncwarp
        case 1: case 6: case 7: {               // ballots and matches
            unsigned found = 0;
            const uint64_t wanted = me.operation == 1 ? 1 : me.value;
            for (int other = 0; other < LANES; other++)
                if (lanes >> other & 1 && value(other) == wanted) found |= 1u << other;
            return me.operation == 7 && found != lanes ? 0 : found;
        }
        case 2: source = begin + (me.argument & (me.width - 1)); break;
        case 3: source = lane - me.argument; break;
        case 4: source = lane + me.argument; break;
        case 5: source = lane ^ me.argument; break;
    }
    if (source >= end || (source < begin && me.operation != 5)) source = lane;
    if (source < 0) source = lane;
    if (lanes >> source & 1) return value(source);
    w.machine->report(
        "shuffle",
        "lane " + std::to_string(lane) + " takes a value from lane " + std::to_string(source) +
            ", which takes no part",
        me.line);
    return me.value;
}

// Lets the lanes go on that have met.
static void meet(Worker &w, unsigned first, unsigned lanes) {
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (!(lanes >> lane & 1)) continue;
        Fiber &fiber = w.fibers[first + lane];
        Fiber *me = w.current;
        w.current = &fiber;  // whom a report is about
        const uint3 index = threadIdx;
        threadIdx = fiber.index;
        fiber.result = exchanged(w, first, lanes, fiber);
        threadIdx = index;
        w.current = me;
    }
    for (unsigned lane = 0; lane < LANES; lane++)
        if (lanes >> lane & 1) w.fibers[first + lane].state = State::ready;
    if (w.machine->mode == CHECK) check_warp(w, first, lanes);
}

// Whether all lanes that the current one names wait as it does. Lanes that have returned, or that
// the block does not have, are not waited for.
static bool all_are_there(Worker &w, unsigned first, unsigned &lanes) {
    Fiber &me = *w.current;
    lanes = live_lanes(w, first) & me.mask;
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (!(lanes >> lane & 1)) continue;
        const Fiber &other = w.fibers[first + lane];
        if (other.state != State::warp || other.mask != me.mask) return false;
    }
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (!(lanes >> lane & 1)) continue;
        const Fiber &other = w.fibers[first + lane];
        if (other.line == me.line) continue;
        w.machine->report(
            "divergent warp",
            "lanes of one warp meet in different calls, which leaves the results undefined",
            std::min(me.line, other.line), std::max(me.line, other.line));
        break;
    }
    return true;
}

// __activemask: the lanes that have come to the same call, when no other one can.
static bool gather_active(Worker &w) {
    bool any = false;
    for (unsigned first = 0; first < w.fibers.size(); first += LANES) {
        unsigned lanes = 0;
        int line = 0;
        for (unsigned lane = 0; lane < LANES && first + lane < w.fibers.size(); lane++) {
            const Fiber &fiber = w.fibers[first + lane];
            if (fiber.state != State::active || (line && fiber.line != line)) continue;
            line = fiber.line;
            lanes |= 1u << lane;
        }
        for (unsigned lane = 0; lane < LANES; lane++) {
            if (!(lanes >> lane & 1)) continue;
            w.fibers[first + lane].result = lanes;
            w.fibers[first + lane].state = State::ready;
            any = true;
        }
    }
    return any;
}

// ---------------------------------------------------------------------------------------- barriers

static void open_barrier(Worker &w) {
    int count = 0, live = 0, lowest = INT32_MAX, highest = 0;
    for (Fiber &fiber : w.fibers) {
        if (fiber.state == State::done) continue;
        live++;
        count += fiber.value != 0;
        lowest = std::min(lowest, fiber.line);
        highest = std::max(highest, fiber.line);
    }
    if (lowest != highest) {
        w.machine->report(
            "divergent barrier", "threads of one block wait in different __syncthreads", lowest,
            highest);
    }
    for (Fiber &fiber : w.fibers) {
        if (fiber.state == State::done) continue;
        const int of_all[] = {0, count, count == live, count > 0};
        fiber.result = (uint64_t)of_all[fiber.operation];
        fiber.state = State::ready;
    }
    if (w.machine->mode == CHECK) check_barrier(*w.machine);
}

// Lanes that waited for one that has returned meanwhile.
static bool meet_without_returned(Worker &w) {
    bool any = false;
    for (Fiber &fiber : w.fibers) {
        if (fiber.state != State::warp) continue;
        const unsigned first = fiber.number - fiber.number % LANES;
        unsigned lanes = 0;
        w.current = &fiber;
        if (!all_are_there(w, first, lanes)) continue;
        meet(w, first, lanes);
        any = true;
    }
    return any;
}

// Nobody can go on. True when that could be mended.
static bool release(Worker &w) {
    if (meet_without_returned(w) || gather_active(w)) return true;
    unsigned at_barrier = 0, in_warp = 0;
    Fiber *barrier = nullptr, *warp = nullptr;
    for (Fiber &fiber : w.fibers) {
        if (fiber.state == State::barrier) at_barrier++, barrier = &fiber;
        if (fiber.state == State::warp) in_warp++, warp = &fiber;
    }
    if (at_barrier && !in_warp) {
        open_barrier(w);
        return true;
    }
    threadIdx = warp->index;
    const std::string lanes = std::to_string(in_warp) + " threads wait for lanes of their warps";
    const std::string message =
        barrier ? lanes + ", while " + std::to_string(at_barrier) + " wait in __syncthreads"
                : lanes + " that wait elsewhere";
    if (w.machine->mode == RUN) {
        w.machine->fail("threads of a block wait for each other for ever: " + message);
    } else {
        w.machine->report(
            "deadlock", message + ": for ever", warp->line, barrier ? barrier->line : 0);
    }
    for (Fiber &fiber : w.fibers) fiber.fresh |= fiber.state != State::done;
    return false;
}

// --------------------------------------------------------------------------------------- schedules

// Each thread in turn, until it waits.
static bool take_turns(Worker &w) {
    bool live = false;
    for (Fiber &fiber : w.fibers) {
        if (fiber.state == State::ready) resume(w, fiber);
        live |= fiber.state != State::done;
        if (w.machine->stopping.load(std::memory_order_relaxed)) return false;
    }
    return live;
}

// The lanes of a warp in lockstep, a basic block at a time. Lanes that have gone apart meet again
// at the first block that all come to: of those that can run, the ones deepest in calls and
// furthest behind in the code have the turn.
static bool take_steps(Worker &w, unsigned first) {
    for (;;) {
        Fiber *least = nullptr;
        const unsigned end = std::min<unsigned>(first + LANES, (unsigned)w.fibers.size());
        for (unsigned i = first; i < end; i++) {
            Fiber &fiber = w.fibers[i];
            if (fiber.state != State::ready) continue;
            const bool sooner = !least || fiber.depth > least->depth ||
                                (fiber.depth == least->depth && fiber.place < least->place);
            if (sooner) least = &fiber;
        }
        if (!least) return live_lanes(w, first) != 0;
        const unsigned depth = least->depth;
        const uintptr_t place = least->place;
        unsigned lanes = 0;
        for (unsigned i = first; i < end; i++) {
            Fiber &fiber = w.fibers[i];
            if (fiber.state != State::ready || fiber.depth != depth || fiber.place != place)
                continue;
            lanes |= 1u << (i - first);
            fiber.accesses.clear();
            resume(w, fiber);
            if (w.machine->stopping.load(std::memory_order_relaxed)) return false;
        }
        measure_step(w, first, lanes, place);
    }
}

void run_block(Worker &w) {
    begin(w);
    for (;;) {
        w.moved = false;
        bool live = false;
        if (w.machine->mode == MEASURE && w.launch->waits) {
            for (unsigned first = 0; first < w.fibers.size(); first += LANES)
                live |= take_steps(w, first);
        } else {
            live = take_turns(w);
        }
        if (w.machine->stopping.load(std::memory_order_relaxed)) break;
        if (!live) return;
        if (!w.moved && !release(w)) return;
    }
    for (Fiber &fiber : w.fibers) fiber.fresh |= fiber.state != State::done;
}

}  // namespace kernelgraph

// -------------------------------------------------------------------------- what the dialect calls

using namespace kernelgraph;

extern "C" int kernelgraph_barrier(int line, int operation, int predicate) {
    Worker &w = *worker;
    Fiber &me = *w.current;
    me.line = line;
    me.operation = operation;
    me.value = predicate != 0;
    me.state = State::barrier;
    give_way(w);
    return (int)me.result;
}

extern "C" uint64_t kernelgraph_warp(
    int line, unsigned mask, int operation, uint64_t value, int argument, int width) {
    Worker &w = *worker;
    Fiber &me = *w.current;
    const unsigned lane = me.number % LANES, first = me.number - lane;
    me.line = line;
    me.mask = mask;
    me.operation = operation;
    me.value = value;
    me.argument = argument;
    me.width = width > 0 && width <= LANES && !(width & (width - 1)) ? width : LANES;
    if (!(mask >> lane & 1)) {
        w.machine->report(
            "mask", "lane " + std::to_string(lane) + " is not in the mask that it gives", line);
        return value;
    }
    me.state = State::warp;
    unsigned lanes = 0;
    if (all_are_there(w, first, lanes)) meet(w, first, lanes);
    // In lockstep, the lanes go on together: the last to come gives way as the others did.
    if (me.state != State::ready || w.machine->mode == MEASURE) give_way(w);
    return me.result;
}

extern "C" unsigned kernelgraph_active(int line) {
    Worker &w = *worker;
    Fiber &me = *w.current;
    me.line = line;
    me.state = State::active;
    give_way(w);
    return (unsigned)me.result;
}
