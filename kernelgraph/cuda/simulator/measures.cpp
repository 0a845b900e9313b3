// The measures: how many sectors, banks and lanes a kernel's accesses take.
//
// The lanes of a warp run in lockstep here (fibers.cpp), so the accesses that they make in one step
// by one instruction are what a GPU makes one request of. Global memory is read in sectors of 32
// bytes: a request takes as many as its lanes touch. Shared memory has 32 banks of 4 bytes: a
// request takes as many passes as a bank has different words to give.
#include "measures.h"

#include <algorithm>

namespace kernelgraph {

namespace {

constexpr unsigned SECTOR = 32, BANKS = 32, BANK = 4;

struct Request {
    uintptr_t place;
    Kind kind;
    uint32_t size;
    unsigned occurrence;               // the how many-th of its instruction in this step
    std::vector<std::pair<unsigned, uintptr_t>> lanes;  // with the address of each
};

void count_sectors(const Request &request, Count &count) {
    std::vector<uintptr_t> sectors;
    for (auto &lane : request.lanes) {
        const uintptr_t last = (lane.second + request.size - 1) / SECTOR;
        for (uintptr_t sector = lane.second / SECTOR; sector <= last; sector++)
            sectors.push_back(sector);
    }
    std::sort(sectors.begin(), sectors.end());
    count.sectors += (uint64_t)(std::unique(sectors.begin(), sectors.end()) - sectors.begin());
}

// Lanes that read 8 bytes have their turn in two halves, those that read 16 in four quarters. Lanes
// that want the same word share it.
void count_banks(const Request &request, Count &count) {
    const unsigned phases = request.size > 8 ? 4 : request.size > 4 ? 2 : 1, part = LANES / phases;
    for (unsigned phase = 0; phase < phases; phase++) {
        std::vector<uintptr_t> words;
        for (auto &lane : request.lanes) {
            if (lane.first / part != phase) continue;
            const uintptr_t last = (lane.second + request.size - 1) / BANK;
            for (uintptr_t word = lane.second / BANK; word <= last; word++) words.push_back(word);
        }
        if (words.empty()) continue;
        std::sort(words.begin(), words.end());
        words.erase(std::unique(words.begin(), words.end()), words.end());
        unsigned of_bank[BANKS] = {}, ways = 0;
        for (uintptr_t word : words) ways = std::max(ways, ++of_bank[word % BANKS]);
        count.wavefronts += ways;
        count.conflicts += ways - 1;
    }
}

}  // namespace

void measure_launch(Worker &w) {
    Measurement &all = *w.machine->measurement;
    Measurement &m = all.kernels[w.launch->name];
    const Module &module = *w.launch->module;
    m.shared_begin = (uintptr_t)module.shared_address() - module.dynamic;
    m.shared_size = module.shared_size;
}

void measure_step(Worker &w, unsigned first, unsigned lanes, uintptr_t place) {
    Measurement &m = w.machine->measurement->kernels[w.launch->name];
    const unsigned active = (unsigned)__builtin_popcount(lanes);
    if (place) {
        m.steps++;
        m.lanes += active;
        if (const int number = w.launch->module->line_of(place)) {
            auto &line = m.steps_of_line[number];
            line.first++;
            line.second += active;
        }
    }
    std::vector<Request> requests;
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (!(lanes >> lane & 1)) continue;
        const std::vector<Access> &accesses = w.fibers[first + lane].accesses;
        for (size_t i = 0; i < accesses.size(); i++) {
            const Access &a = accesses[i];
            unsigned occurrence = 0;
            for (size_t j = 0; j < i; j++) occurrence += accesses[j].place == a.place;
            auto found = std::find_if(requests.begin(), requests.end(), [&](const Request &r) {
                return r.place == a.place && r.occurrence == occurrence && r.size == a.size;
            });
            if (found == requests.end())
                found = requests.insert(found, {a.place, a.kind, a.size, occurrence, {}});
            found->lanes.push_back({lane, a.address});
        }
    }
    for (const Request &request : requests) {
        const uintptr_t address = request.lanes[0].second;
        const bool shared = address - m.shared_begin < m.shared_size;
        const bool global = address - w.machine->arena < w.machine->arena_end - w.machine->arena;
        if (!shared && !global) continue;  // threadIdx, constants
        Count &count = m.counts[{line_of(*w.launch->module, request.place), request.kind, shared}];
        count.requests++;
        count.lanes += request.lanes.size();
        count.bytes += request.lanes.size() * request.size;
        if (shared) count_banks(request, count);
        else count_sectors(request, count);
    }
}

}  // namespace kernelgraph

using namespace kernelgraph;

// For each kernel a line "kernel", and below it lines "access" and "line" with their numbers.
extern "C" const char *kernelgraph_measures(Machine *machine) {
    std::string &text = machine->text;
    text.clear();
    auto add = [&text](uint64_t number) { text += "\x1f" + std::to_string(number); };
    for (auto &kernel : machine->measurement->kernels) {
        const Measurement &m = kernel.second;
        text += "kernel\x1f" + kernel.first;
        add(m.steps), add(m.lanes);
        text += "\x1e";
        for (auto &c : m.counts) {
            const Count &n = c.second;
            text += "access";
            add((uint64_t)std::get<0>(c.first)), add((uint64_t)std::get<1>(c.first));
            add(std::get<2>(c.first)), add(n.requests), add(n.lanes), add(n.sectors);
            add(n.wavefronts), add(n.conflicts), add(n.bytes);
            text += "\x1e";
        }
        for (auto &line : m.steps_of_line) {
            text += "line";
            add((uint64_t)line.first), add(line.second.first), add(line.second.second);
            text += "\x1e";
        }
    }
    return text.c_str();
}

extern "C" void kernelgraph_clear_measures(Machine *machine) {
    machine->measurement->kernels.clear();
}
