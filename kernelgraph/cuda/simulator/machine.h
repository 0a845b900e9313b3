// What the parts of the machine know of each other.
//
// A Machine is a device: its memory, and what was found out about the kernels that ran. A Launch is
// one run of a kernel. A Worker is a thread of the processor that runs blocks, one after another. A
// Fiber is a CUDA thread: it has a stack of its own, and gives way where it waits.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>
#include <pthread.h>
#if !defined(__x86_64__) && !defined(__aarch64__)
#include <ucontext.h>
#endif

struct uint3 { unsigned x, y, z; };

#define KERNELGRAPH_TLS __thread __attribute__((tls_model("initial-exec")))
#define KERNELGRAPH_OWN(name) extern KERNELGRAPH_TLS uint3 name __asm__("kernelgraph_" #name)
extern "C" {
KERNELGRAPH_OWN(threadIdx);
KERNELGRAPH_OWN(blockIdx);
KERNELGRAPH_OWN(blockDim);
KERNELGRAPH_OWN(gridDim);
}

namespace kernelgraph {

constexpr int LANES = 32;                  // threads of a warp
constexpr unsigned MOST_THREADS = 1024;    // threads of a block
constexpr size_t STACK = 128 << 10;        // bytes for the locals of a thread
constexpr size_t RED_ZONE = 256;           // bytes between arrays, which belong to nothing

enum Mode { RUN, CHECK, MEASURE };
enum Kind { READ, WRITE, ATOMIC };

// ------------------------------------------------------------------------------------------ fibers

#if defined(__x86_64__) || defined(__aarch64__)
struct Context { void *stack = nullptr; };
#else
struct Context { ucontext_t saved; };
#endif
void prepare(Context &context, char *stack, size_t size, void (*entry)());
void change(Context &from, Context &to);

enum class State : uint8_t { ready, barrier, warp, active, done };

struct Access { uintptr_t place, address; uint32_t size; Kind kind; };

struct Fiber {
    Context context;
    char *stack = nullptr;
    uint3 index{};
    unsigned number = 0;            // in its block
    State state = State::done;
    bool fresh = false;             // whether its stack is to be set up anew
    int line = 0;                   // where it waits,
    int operation = 0, argument = 0, width = 0;
    unsigned mask = 0;              // for which lanes,
    uint64_t value = 0, result = 0; // with what, and what it gets
    uint32_t clock[LANES];          // check: what it has seen of its warp's lanes (a vector clock)
    unsigned depth = 0;             // measure: calls that it is in,
    uintptr_t place = 0;            // the basic block that it is about to run,
    std::vector<Access> accesses;   // and what the last one read and wrote
};

// ----------------------------------------------------------------------------------------- modules

struct Site { uintptr_t place; int line; };

struct Object { uintptr_t begin, end; std::string name; };  // a variable in memory

struct Module {
    std::vector<Site> sites;             // instructions that call hooks, by address
    std::vector<Object> shared;          // shared arrays, by offset
    std::vector<Object> variables;       // __device__ and __constant__, by address
    void *(*shared_address)() = nullptr; // where the dynamic shared memory of this thread lies
    uintptr_t dynamic = 0;               // its offset,
    size_t room = 0;                     // how much there can be,
    size_t shared_size = 0;              // and the bytes of all shared memory
    uintptr_t begin = 0, end = 0;        // where its code and constants lie
    int line_of(uintptr_t place) const;
    bool holds(uintptr_t address) const { return address - begin < end - begin; }
};

// --------------------------------------------------------------------------------------- launching

struct Machine;
struct Checks;
struct Measurement;

struct Launch {
    Machine *machine;
    Module *module;
    std::string name;
    void (*one)(void **);
    void (*all)(void **);
    void **arguments;
    uint3 grid, block;
    size_t shared;
    bool waits;                       // whether threads wait for each other, so need fibers
    std::atomic<uint64_t> next{0};    // the next block to run
    uint64_t blocks = 0;
};

struct Worker {
    Launch *launch = nullptr;
    Machine *machine = nullptr;
    Context scheduler;
    std::vector<Fiber> fibers;
    Fiber *current = nullptr;
    volatile int inside = 0;          // whether the kernel's own code runs
    int64_t quantum = 0;              // basic blocks until others have a turn
    bool moved = false;               // whether any thread did anything
    pthread_t thread{};
};
extern KERNELGRAPH_TLS Worker *worker;

struct Report {
    std::string kind, message;
    int line, other_line;
    uint3 block, thread;
    uint64_t count;
};

struct Machine {
    Mode mode = RUN;
    int threads = 1;
    int64_t budget = 0, budget_left = 0;
    uintptr_t arena = 0, arena_end = 0, arena_next = 0;
    uint8_t *written = nullptr;                       // check: for each byte, whether it was
    std::map<uintptr_t, size_t> allocations, freed;   // by address
    std::mutex lock;
    std::vector<char *> stacks;                       // that no fiber uses
    std::vector<std::unique_ptr<Module>> modules;
    std::atomic<int> stopping{0};
    std::string failure;                              // why the launch was stopped, or empty
    int64_t seen_left = -1;                           // what was left of the budget when last seen,
    double seen_at = 0;                               // and the worker's seconds of a processor then
    std::string output;                               // what kernels have printed
    std::deque<Report> reports;
    std::map<std::tuple<std::string, std::string, int, int>, size_t> known; // reports
    std::unique_ptr<Checks> checks;
    std::unique_ptr<Measurement> measurement;
    std::string text;                                 // what was last asked for
    // The launch that runs:
    std::unique_ptr<Launch> launch;
    pthread_t runner{};
    bool has_runner = false;
    std::condition_variable finished;
    bool running = false;
    std::vector<Worker *> workers;
    Machine();
    ~Machine();
    void fail(const std::string &message);            // stops the launch
    void report(const char *kind, const std::string &message, int line, int other_line = 0);
};

std::string where(uint3 block, uint3 thread);
bool inside_stack(const Fiber &fiber, uintptr_t address);

// Runs the block `blockIdx` (fibers.cpp).
void run_block(Worker &w);
[[noreturn]] void leave(Worker &w);  // ends the current thread of the kernel
void give_way(Worker &w);            // lets others run first
bool take_stacks(Worker &w);   // false where memory is short
void return_stacks(Worker &w);

// Signals (signals.cpp).
struct SignalStack {
    std::vector<char> room;
    SignalStack();
    ~SignalStack();
};
void watch_signals(bool on);
void stop(const Worker &w);  // from another thread of the processor

// What the checks are told (checks.cpp).
void check_launch(Worker &w);
void check_block(Worker &w);
void check_barrier(Machine &m);
void check_fence(Machine &m);
void check_thread(Fiber &fiber);
void check_warp(Worker &w, unsigned first, unsigned lanes);
void check_access(
    Worker &w, uintptr_t place, uintptr_t address, size_t size, Kind kind, bool aligned);
void check_settled(Machine &m);

// What the measures are told (measures.cpp).
void measure_launch(Worker &w);
void measure_step(Worker &w, unsigned first, unsigned lanes, uintptr_t place);

constexpr uintptr_t LINE = uintptr_t(1) << 63;  // marks a place that is a line, not an address
inline int line_of(const Module &module, uintptr_t place) {
    return place & LINE ? (int)(place & ~LINE) : module.line_of(place);
}

}  // namespace kernelgraph
