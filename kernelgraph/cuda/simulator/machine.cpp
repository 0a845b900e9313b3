// The machine itself: its memory, its launches, and what it does about faults and Ctrl-C.
//
// A launch runs on threads of its own, so that the caller can wait with an ear for Ctrl-C. A fault
// in a kernel (an address that is not there, a division of integers by zero) reaches us as a signal:
// if the kernel's own code was running, that CUDA thread ends and the fault is noted; any other
// fault goes to whoever handled it before. The same way, SIGURG stops a kernel that does not end.
#include "machine.h"

#include <algorithm>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "checks.h"
#include "measures.h"

namespace kernelgraph {

int Module::line_of(uintptr_t place) const {
    auto before = [](const Site &site, uintptr_t a) { return site.place < a; };
    auto found = std::lower_bound(sites.begin(), sites.end(), place, before);
    return found != sites.end() && found->place == place ? found->line : 0;
}

std::string where(uint3 block, uint3 thread) {
    char text[160];
    snprintf(text, sizeof text, "block (%u, %u, %u), thread (%u, %u, %u)", block.x, block.y, block.z,
             thread.x, thread.y, thread.z);
    return text;
}

// While the machine notes something, a signal must not end the thread that does so.
struct Outside {
    Worker *w = worker;
    int before = w ? w->inside : 0;
    Outside() { if (w) w->inside = 0; }
    ~Outside() { if (w) w->inside = before; }
};

void Machine::report(const char *kind, const std::string &message, int line, int other_line) {
    Outside outside;
    std::lock_guard<std::mutex> hold(lock);
    const int least = other_line ? std::min(line, other_line) : line;
    const auto key = std::make_tuple(launch->name, std::string(kind), least, std::max(line, other_line));
    auto found = known.find(key);
    if (found != known.end()) {
        reports[found->second].count++;
        return;
    }
    known[key] = reports.size();
    reports.push_back({kind, message, line, other_line, blockIdx, threadIdx, 1});
    reports.back().message = launch->name + "\x1f" + message;
}

void Machine::fail(const std::string &message) {
    Outside outside;
    std::lock_guard<std::mutex> hold(lock);
    if (failure.empty()) failure = message;
    stopping = 1;
}

// ----------------------------------------------------------------------------------------- signals

static const int FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
static const int STOP = SIGURG;
static struct sigaction previous[NSIG];
static std::mutex signals_lock;
static int signals_users = 0;

static const char *words_for(int number) {
    switch (number) {
        case SIGFPE: return "an integer is divided by zero";
        case SIGILL: case SIGTRAP: return "an instruction that ends the program (a trap)";
        default: return "an address that is not the device's, or is not aligned";
    }
}

static void on_signal(int number, siginfo_t *info, void *context) {
    Worker *w = worker;
    if (w && w->inside) {
        w->inside = 0;
        if (number != STOP) {
            if (w->machine->mode == RUN)
                w->machine->fail(std::string(words_for(number)) + ": " + where(blockIdx, threadIdx));
            else w->machine->report("fault", words_for(number), 0);
        }
        leave(*w);
    }
    const struct sigaction &old = previous[number];
    if (number == STOP && (old.sa_handler == SIG_DFL || old.sa_handler == SIG_IGN)) return;
    if (old.sa_flags & SA_SIGINFO) old.sa_sigaction(number, info, context);
    else if (old.sa_handler == SIG_DFL) {  // the fault happens again, and has its usual end
        sigaction(number, &old, nullptr);
    } else if (old.sa_handler != SIG_IGN) old.sa_handler(number);
}

static void watch_signals(bool on) {
    std::lock_guard<std::mutex> hold(signals_lock);
    signals_users += on ? 1 : -1;
    if (signals_users != (on ? 1 : 0)) return;
    auto each = [on](int number) {
        if (!on) {
            sigaction(number, &previous[number], nullptr);
            return;
        }
        struct sigaction action = {};
        action.sa_sigaction = on_signal;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
        sigaction(number, &action, &previous[number]);
    };
    for (int number : FAULTS) each(number);
    each(STOP);
}

// ------------------------------------------------------------------------------------------ workers

// Signals are handled on a stack of their own: the thread's may be what has overflowed. That of
// the fibers is left for good when one ends there, so nothing is to be undone.
struct SignalStack {
    std::vector<char> room = std::vector<char>(64 << 10);
    SignalStack() {
        stack_t stack = {};
        stack.ss_sp = room.data();
        stack.ss_size = room.size();
        sigaltstack(&stack, nullptr);
    }
    ~SignalStack() {
        stack_t stack = {};
        stack.ss_flags = SS_DISABLE;
        sigaltstack(&stack, nullptr);
    }
};

static void *work(void *given) {
    Launch &launch = *(Launch *)given;
    SignalStack signals;
    Machine &machine = *launch.machine;
    Worker w;
    w.launch = &launch;
    w.machine = &machine;
    w.thread = pthread_self();
    w.fibers.resize(launch.waits ? launch.block.x * launch.block.y * launch.block.z : 1);
    if (!take_stacks(w)) {
        machine.fail("there is no memory for the stacks of a block's threads");
        return_stacks(w);
        return nullptr;
    }
    blockDim = launch.block;
    gridDim = launch.grid;
    launch.module->shared_address();  // makes this thread's shared memory
    worker = &w;
    {
        std::lock_guard<std::mutex> hold(machine.lock);
        machine.workers.push_back(&w);
    }
    if (machine.mode == CHECK) check_launch(w);
    if (machine.mode == MEASURE) measure_launch(w);
    for (uint64_t b; (b = launch.next++) < launch.blocks && !machine.stopping;) {
        const uint64_t row = b / launch.grid.x;
        blockIdx = {(unsigned)(b % launch.grid.x), (unsigned)(row % launch.grid.y),
                    (unsigned)(row / launch.grid.y)};
        run_block(w);
    }
    worker = nullptr;
    return_stacks(w);
    std::lock_guard<std::mutex> hold(machine.lock);
    auto &workers = machine.workers;
    workers.erase(std::find(workers.begin(), workers.end(), &w));
    return nullptr;
}

static void *run_launch(void *given) {
    Machine &machine = *(Machine *)given;
    Launch &launch = *machine.launch;
    uint64_t count = machine.mode == RUN ? (uint64_t)machine.threads : 1;
    const uint64_t block = (uint64_t)launch.block.x * launch.block.y * launch.block.z;
    if (launch.waits) count = std::min<uint64_t>(count, std::max<uint64_t>(1, 16384 / block));
    count = std::min(count, launch.blocks);
    watch_signals(true);
    std::vector<pthread_t> more;
    pthread_t thread;
    for (uint64_t i = 1; i < count; i++)  // where there are no more threads, fewer will do
        if (!pthread_create(&thread, nullptr, work, &launch)) more.push_back(thread);
    work(&launch);
    for (pthread_t each : more) pthread_join(each, nullptr);
    watch_signals(false);
    std::lock_guard<std::mutex> hold(machine.lock);
    machine.running = false;
    machine.finished.notify_all();
    return nullptr;
}

Machine::Machine() = default;

Machine::~Machine() {
    if (has_runner) pthread_join(runner, nullptr);
    for (char *stack : stacks) munmap(stack, STACK);
    if (arena) munmap((void *)arena, arena_end - arena);
    if (written) munmap(written, arena_end - arena);
}

}  // namespace kernelgraph

using namespace kernelgraph;

// ---------------------------------------------------------------------- what the dialect calls, too

extern "C" {

int kernelgraph_printf(const char *format, ...) {
    Outside outside;
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (Worker *w = worker) {
        std::lock_guard<std::mutex> hold(w->machine->lock);
        w->machine->output += line;
    }
    return length;
}

static void end_thread(const char *kind, const std::string &message, int line) {
    Worker &w = *worker;
    if (w.machine->mode == RUN)
        w.machine->fail("line " + std::to_string(line) + ": " + message + ": " +
                        where(blockIdx, threadIdx));
    else w.machine->report(kind, message, line);
    leave(w);
}

void kernelgraph_assert_fail(const char *text, const char *, unsigned line, const char *) {
    end_thread("assertion", std::string("the assertion does not hold: ") + text, (int)line);
}

void kernelgraph_trap(int line) {
    end_thread("fault", "the kernel ends itself by a trap", line);
    __builtin_unreachable();
}

long long kernelgraph_clock() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

// ------------------------------------------------------------------------------ what Python calls

Machine *kernelgraph_machine(int mode, int threads, int64_t budget, uint64_t room) {
    auto *machine = new Machine;
    machine->mode = (Mode)mode;
    machine->threads = threads;
    machine->budget = budget;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    const int access = mode == RUN ? PROT_NONE : PROT_READ | PROT_WRITE;
    void *arena = mmap(nullptr, room, access, flags, -1, 0);
    if (arena == MAP_FAILED) return delete machine, nullptr;
    machine->arena = machine->arena_next = (uintptr_t)arena;
    machine->arena_end = machine->arena + room;
    if (mode == CHECK) {
        void *written = mmap(nullptr, room, PROT_READ | PROT_WRITE, flags, -1, 0);
        if (written == MAP_FAILED) return delete machine, nullptr;
        machine->written = (uint8_t *)written;
        machine->checks.reset(new Checks);
    }
    if (mode == MEASURE) machine->measurement.reset(new Measurement);
    return machine;
}

void kernelgraph_machine_end(Machine *machine) { delete machine; }

// Memory of the device: whole pages, with a page that belongs to nobody before and after.
uint64_t kernelgraph_allocate(Machine *m, uint64_t size) {
    const uint64_t page = 4096, whole = (std::max<uint64_t>(size, 1) + page - 1) / page * page;
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
    const uint64_t page = 4096, whole = (std::max<uint64_t>(found->second, 1) + page - 1) / page * page;
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

struct SiteEntry { int32_t distance, line; };  // as assembly.py writes them

Module *kernelgraph_module(Machine *m, const SiteEntry *sites, uint64_t count, void *(*shared)(),
                           uint64_t dynamic, uint64_t room, uint64_t shared_size,
                           uint64_t begin, uint64_t end) {
    auto module = std::make_unique<Module>();
    module->begin = begin;
    module->end = end;
    for (uint64_t i = 0; i < count; i++)
        module->sites.push_back({(uintptr_t)&sites[i] + (intptr_t)sites[i].distance, sites[i].line});
    std::sort(module->sites.begin(), module->sites.end(),
              [](const Site &a, const Site &b) { return a.place < b.place; });
    module->shared_address = shared;
    module->dynamic = dynamic;
    module->room = room;
    module->shared_size = shared_size;
    m->modules.push_back(std::move(module));
    return m->modules.back().get();
}

// Variables must be told in the order of their addresses.
void kernelgraph_variable(Module *module, const char *name, int shared, uint64_t at, uint64_t size) {
    (shared ? module->shared : module->variables).push_back({at, at + size, name});
}

int kernelgraph_start(Machine *m, Module *module, const char *name, void *one, void *all, int waits,
                      void **arguments, const unsigned *grid, const unsigned *block, uint64_t shared) {
    m->launch.reset(new Launch);
    Launch &launch = *m->launch;
    launch.machine = m;
    launch.module = module;
    launch.name = name;
    launch.one = (void (*)(void **))one;
    launch.all = (void (*)(void **))all;
    launch.arguments = arguments;
    launch.grid = {grid[0], grid[1], grid[2]};
    launch.block = {block[0], block[1], block[2]};
    launch.shared = shared;
    launch.waits = waits || m->mode != RUN;
    launch.blocks = (uint64_t)grid[0] * grid[1] * grid[2];
    m->failure.clear();
    m->stopping = 0;
    m->budget_left = m->budget;
    m->running = true;
    m->has_runner = !pthread_create(&m->runner, nullptr, run_launch, m);
    if (!m->has_runner) m->running = false;
    return m->has_runner;
}

// Waits for the launch, so many milliseconds at most; whether it has ended.
int kernelgraph_wait(Machine *m, int milliseconds) {
    {
        std::unique_lock<std::mutex> hold(m->lock);
        m->finished.wait_for(hold, std::chrono::milliseconds(milliseconds), [m] { return !m->running; });
        if (m->running) return 0;
    }
    if (m->has_runner) pthread_join(m->runner, nullptr);
    m->has_runner = false;
    return 1;
}

void kernelgraph_stop(Machine *m) {
    m->stopping = 1;
    while (!kernelgraph_wait(m, 1)) {
        std::lock_guard<std::mutex> hold(m->lock);
        if (m->mode == RUN)
            for (Worker *w : m->workers) pthread_kill(w->thread, STOP);
    }
}

const char *kernelgraph_failure(Machine *m) { return m->failure.c_str(); }

const char *kernelgraph_output(Machine *m) {
    m->text.swap(m->output);
    m->output.clear();
    return m->text.c_str();
}

void kernelgraph_clear(Machine *m) {
    m->reports.clear();
    m->known.clear();
}

// A line for each report, with fields between them that no text has.
const char *kernelgraph_reports(Machine *m) {
    m->text.clear();
    for (const Report &report : m->reports) {
        char numbers[240];
        snprintf(numbers, sizeof numbers, "\x1f%d\x1f%d\x1f%u %u %u\x1f%u %u %u\x1f%llu\x1e", report.line,
                 report.other_line, report.block.x, report.block.y, report.block.z, report.thread.x,
                 report.thread.y, report.thread.z, (unsigned long long)report.count);
        m->text += report.kind + "\x1f" + report.message + numbers;
    }
    return m->text.c_str();
}

}
