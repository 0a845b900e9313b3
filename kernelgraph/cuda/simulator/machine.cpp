// The machine itself: launches, the threads of the processor that run them, and what comes of them.
//
// A launch runs on threads of its own, so that the caller can wait with an ear for Ctrl-C. Blocks
// are taken one after another by whichever thread is free.
#include "machine.h"

#include <algorithm>
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
    snprintf(text, sizeof text, "block (%u, %u, %u), thread (%u, %u, %u)", block.x, block.y,
             block.z, thread.x, thread.y, thread.z);
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
    const int most = std::max(line, other_line);
    const auto key = std::make_tuple(launch->name, std::string(kind), least, most);
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

// ----------------------------------------------------------------------------------------- workers

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

// --------------------------------------------------------------------- what the dialect calls, too

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

struct SiteEntry { int32_t distance, line; };  // as assembly.py writes them

Module *kernelgraph_module(Machine *m, const SiteEntry *sites, uint64_t count, void *(*shared)(),
                           uint64_t dynamic, uint64_t room, uint64_t shared_size,
                           uint64_t begin, uint64_t end) {
    auto module = std::make_unique<Module>();
    module->begin = begin;
    module->end = end;
    for (uint64_t i = 0; i < count; i++)
        module->sites.push_back({(uintptr_t)&sites[i] + sites[i].distance, sites[i].line});
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
void kernelgraph_variable(
    Module *module, const char *name, int shared, uint64_t at, uint64_t size) {
    (shared ? module->shared : module->variables).push_back({at, at + size, name});
}

int kernelgraph_start(
    Machine *m, Module *module, const char *name, void *one, void *all, int waits,
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
    m->seen_left = -1;
    m->running = true;
    m->has_runner = !pthread_create(&m->runner, nullptr, run_launch, m);
    if (!m->has_runner) m->running = false;
    return m->has_runner;
}

// Whether a watched worker has run for so long without beginning a basic block: it is in a loop of
// which the compiler left nothing but the jump, and no hook is called there. The lock is held.
static bool is_stuck(Machine *m, double seconds) {
    if (m->mode == RUN || m->workers.size() != 1) return false;
    clockid_t clock;
    timespec now;
    const pthread_t thread = m->workers[0]->thread;
    if (pthread_getcpuclockid(thread, &clock) || clock_gettime(clock, &now)) return false;
    const double at = now.tv_sec + 1e-9 * now.tv_nsec;
    const int64_t left = *(volatile int64_t *)&m->budget_left;
    if (left != m->seen_left || at < m->seen_at) {
        m->seen_left = left;
        m->seen_at = at;
    }
    return at - m->seen_at > seconds;
}

// Waits for the launch, so many milliseconds at most; whether it has ended. Stops it where it is
// stuck.
int kernelgraph_wait(Machine *m, int milliseconds) {
    {
        std::unique_lock<std::mutex> hold(m->lock);
        const std::chrono::milliseconds most(milliseconds);
        m->finished.wait_for(hold, most, [m] { return !m->running; });
        if (m->running) {
            if (is_stuck(m, m->stopping ? 0.05 : 1)) {
                if (m->failure.empty()) m->failure = "it does not end: it is in an empty loop";
                m->stopping = 1;
                stop(*m->workers[0]);
            }
            return 0;
        }
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
            for (Worker *w : m->workers) stop(*w);
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
        const uint3 block = report.block, thread = report.thread;
        snprintf(numbers, sizeof numbers,
                 "\x1f%d\x1f%d\x1f%u %u %u\x1f%u %u %u\x1f%llu\x1e", report.line,
                 report.other_line, block.x, block.y, block.z, thread.x, thread.y, thread.z,
                 (unsigned long long)report.count);
        m->text += report.kind + "\x1f" + report.message + numbers;
    }
    return m->text.c_str();
}

}
