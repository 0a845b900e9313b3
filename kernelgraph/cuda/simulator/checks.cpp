// The checks: is an access inside an array, aligned, of something that was written, and ordered
// with the other threads' accesses to the same memory?
//
// Two accesses to one word race if one of them writes, they are not both atomic, and nothing orders
// them. What orders them, within a block: a barrier between them (then their segments differ), or,
// within a warp, a call in which both lanes met (then the later lane's vector clock has seen the
// earlier access). Accesses of different blocks of one launch are ordered in one way alone: the
// first block makes a fence and then changes a word atomically, which the other one changes
// atomically after it, and before it looks at what the first has written.
#include "checks.h"

#include <algorithm>
#include <cstring>

namespace kernelgraph {

// ------------------------------------------------------------------------------------------- times

void check_launch(Worker &w) {
    Checks &c = *w.machine->checks;
    const Module &module = *w.launch->module;
    if (c.segment > UINT32_MAX / 2) {  // before the numbers of segments run out
        c.segment = 0;
    }
    c.bytes.clear();
    c.launch_first = c.segment + 1;
    c.places.assign(1, 0);
    c.place_numbers.clear();
    c.last_place = 0;
    c.last_number = 0;
    for (Shadow *shadow : {&c.global, &c.shared, &c.variables}) shadow->forget();
    c.global.begin = w.machine->arena;
    c.shared_begin = (uintptr_t)module.shared_address() - module.dynamic;
    c.shared_size = module.shared_size;
    c.shared.begin = c.shared_begin;
    c.shared_written.assign(c.shared_size, 0);
    c.variables_begin = c.variables_end = 0;
    if (!module.variables.empty()) {
        c.variables_begin = module.variables.front().begin - RED_ZONE;
        c.variables_end = module.variables.back().end + RED_ZONE;
    }
    c.variables.begin = c.variables_begin & ~(uintptr_t)3;
    const uintptr_t own[] = {(uintptr_t)&threadIdx, (uintptr_t)&blockIdx, (uintptr_t)&blockDim,
                             (uintptr_t)&gridDim};
    c.own_begin = *std::min_element(own, own + 4);
    c.own_end = *std::max_element(own, own + 4) + sizeof(uint3);
    for (auto &range : c.near) range = {0, 0};
    c.pending.size = 0;
    c.releases.clear();
}

void check_block(Worker &w) {
    Checks &c = *w.machine->checks;
    c.block_first = ++c.segment;
    c.fenced = false;
    c.acquired.clear();
    const Module &module = *w.launch->module;
    const size_t used = module.dynamic + w.launch->shared;  // the dynamic part is the last
    memset(c.shared_written.data(), 0, std::min(std::max(used, module.dynamic), c.shared_size));
}

void check_barrier(Machine &m) { m.checks->segment++; }

void check_fence(Machine &m) { m.checks->fenced = true; }

void check_thread(Fiber &fiber) {
    memset(fiber.clock, 0, sizeof fiber.clock);
    fiber.clock[fiber.number % LANES] = 1;
}

void check_warp(Worker &w, unsigned first, unsigned lanes) {
    uint32_t seen[LANES] = {};
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (!(lanes >> lane & 1)) continue;
        const uint32_t *clock = w.fibers[first + lane].clock;
        for (int i = 0; i < LANES; i++) seen[i] = std::max(seen[i], clock[i]);
    }
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (!(lanes >> lane & 1)) continue;
        uint32_t *clock = w.fibers[first + lane].clock;
        memcpy(clock, seen, sizeof seen);
        clock[lane]++;
    }
}

// ------------------------------------------------------------------------------------------- races

// A word in which all threads that write it write the same value is no race.
void check_settled(Machine &m) {
    Pending &p = m.checks->pending;
    if (!p.size) return;
    const bool same = !memcmp(p.before, (void *)p.address, p.size);
    p.size = 0;
    if (!same) m.report("race", p.message, p.line, p.other_line);
}

namespace {

uint32_t number_of(Checks &c, uintptr_t place) {
    if (place == c.last_place) return c.last_number;
    auto found = c.place_numbers.emplace(place, (uint32_t)c.places.size());
    if (found.second) c.places.push_back(place);
    c.last_place = place;
    return c.last_number = found.first->second;
}

// An access under way, and what is to be known of the one who makes it.
struct Now {
    Worker &w;
    Checks &c;
    const Fiber &me;
    uintptr_t address;
    size_t size;
    Kind kind;
    bool shared;
    Entry entry;
    uintptr_t place;
};

// An atomic operation on a word: what others made known by it is known from now on, and what this
// block did before its fence is known to those who come later.
void pass_on(Now &now) {
    Checks &c = now.c;
    std::vector<Release> &releases = c.releases[now.address];
    auto of_word = [&](const Acquired &a) { return a.releases == &releases; };
    auto found = std::find_if(c.acquired.begin(), c.acquired.end(), of_word);
    if (found != c.acquired.end()) found->count = releases.size();
    else if (!releases.empty()) c.acquired.push_back({&releases, releases.size()});
    if (!c.fenced) return;
    if (releases.empty() || releases.back().block_first != c.block_first)
        releases.push_back({c.block_first, c.segment});
    releases.back().segment = c.segment;
}

// Whether another block's access was made known to the block that runs.
bool made_known(const Checks &c, const Entry &e) {
    for (const Acquired &acquired : c.acquired) {
        auto end = acquired.releases->begin() + (ptrdiff_t)acquired.count;
        auto before = [](const Release &r, uint32_t segment) { return r.segment < segment; };
        auto found = std::lower_bound(acquired.releases->begin(), end, e.segment, before);
        if (found != end && found->block_first <= e.segment) return true;
    }
    return false;
}

bool ordered(const Now &now, const Entry &e) {
    const Checks &c = now.c;
    if (e.segment < (now.shared ? c.block_first : c.launch_first)) return true;  // long ago
    if (e.segment < c.block_first) return made_known(c, e);                      // another block
    if (e.segment < c.segment || e.thread == now.entry.thread) return true;
    if (e.thread / LANES != now.entry.thread / LANES) return false;
    return e.clock <= now.me.clock[e.thread % LANES];
}

const char *verb(const Entry &e, bool writes) {
    return e.atomic ? "atomically changes" : writes ? "writes" : "reads";
}

void found_race(Now &now, const Entry &other, bool other_writes) {
    Checks &c = now.c;
    const bool writes = now.kind != READ, elsewhere = other.segment < c.block_first;
    const int line = line_of(*now.w.launch->module, now.place);
    const int other_line = line_of(*now.w.launch->module, c.places[other.place]);
    std::string message = verb(now.entry, writes);
    message += now.shared ? " shared memory that " : " global memory that ";
    message += elsewhere ? "a thread of another block "
                         : "thread " + std::to_string(other.thread) + " of its block ";
    message += verb(other, other_writes);
    message += elsewhere ? ", which nothing orders" : ", with no barrier between";
    if (now.kind == WRITE && other_writes && !other.atomic && now.size <= sizeof c.pending.before) {
        check_settled(*now.w.machine);
        Pending &p = c.pending;
        p.address = now.address;
        p.size = now.size;
        memcpy(p.before, (void *)p.address, p.size);
        p.line = line;
        p.other_line = other_line;
        p.message = message;
        return;
    }
    now.w.machine->report("race", message, line, other_line);
}

bool conflict(Now &now, const Entry &e, bool writes) {
    if (ordered(now, e) || (e.atomic && now.entry.atomic)) return false;
    found_race(now, e, writes);
    return true;
}

// Keeps an entry in one of two places: where nothing is lost, if there is such a one.
void keep(Now &now, Entry &first, Entry &second) {
    if (ordered(now, first)) first = now.entry;
    else if (ordered(now, second)) second = now.entry;
}

void touch(Now &now, Cell &cell) {
    if (conflict(now, cell.write, true) || conflict(now, cell.write2, true)) {
    } else if (now.kind != READ) {
        if (!conflict(now, cell.read, false)) conflict(now, cell.read2, false);
    }
    if (now.kind == READ) return keep(now, cell.read, cell.read2);
    if (now.kind == ATOMIC) return keep(now, cell.write, cell.write2);
    cell.write = now.entry;
    if (ordered(now, cell.write2)) cell.write2 = Entry();
}

// The cells of one word of which some bytes are accessed.
void touch_word(Now &now, Cell &word, unsigned bytes) {
    if (word.write.segment != SPLIT) {
        if (bytes == 15) return touch(now, word);
        const uint32_t at = (uint32_t)now.c.bytes.size();
        now.c.bytes.resize(at + 4, word);
        word = Cell();
        word.write.segment = SPLIT;
        word.write.clock = at;
    }
    for (unsigned i = 0; i < 4; i++)
        if (bytes >> i & 1) touch(now, now.c.bytes[word.write.clock + i]);
}

void check_races(Now &now, Shadow &shadow) {
    const uintptr_t end = now.address + now.size;
    for (uintptr_t word = now.address & ~(uintptr_t)3; word < end; word += 4) {
        unsigned bytes = 0;
        for (unsigned i = 0; i < 4; i++)
            if (word + i >= now.address && word + i < end) bytes |= 1u << i;
        touch_word(now, shadow.cell(word), bytes);
    }
}

// ------------------------------------------------------------------------------------------ bounds

std::string describe(Kind kind, size_t size) {
    const char *verb = kind == READ ? "reads " : kind == WRITE ? "writes " : "atomically changes ";
    return verb + std::to_string(size) + (size == 1 ? " byte" : " bytes");
}

void say(Now &now, const char *kind, const std::string &rest) {
    const int line = line_of(*now.w.launch->module, now.place);
    now.w.machine->report(kind, describe(now.kind, now.size) + rest, line);
}

std::string distance(uintptr_t address, uintptr_t begin, uintptr_t end) {
    if (address < begin) return std::to_string(begin - address) + " bytes before ";
    if (address < end) return "across the end of ";
    return address == end ? "just behind " : std::to_string(address - end) + " bytes behind ";
}

bool inside_array(Now &now) {
    Machine &m = *now.w.machine;
    Checks &c = now.c;
    const uintptr_t end = now.address + now.size;
    for (auto &range : c.near)
        if (now.address >= range.begin && end <= range.end) return true;
    auto after = m.allocations.upper_bound(now.address);
    if (after != m.allocations.begin()) {
        auto before = std::prev(after);
        if (end <= before->first + before->second) {
            c.near[c.next_near++ % 4] = {before->first, before->first + before->second};
            return true;
        }
    }
    for (auto &gap : m.freed)
        if (now.address >= gap.first && now.address < gap.first + gap.second) {
            say(now, "out of bounds", " of global memory that was freed");
            return false;
        }
    uintptr_t begin = 0, size = 0;  // the nearest array
    if (after != m.allocations.end()) begin = after->first, size = after->second;
    if (after != m.allocations.begin()) {
        auto before = std::prev(after);
        const uintptr_t gap = now.address - before->first - before->second;
        if (!begin || (intptr_t)gap <= (intptr_t)(begin - now.address))
            begin = before->first, size = before->second;
    }
    const std::string array = size ? distance(now.address, begin, begin + size) +
                                         "a global array of " + std::to_string(size) + " bytes"
                                   : std::string("of global memory, which has no arrays");
    say(now, "out of bounds", ": " + array);
    return false;
}

// The same for variables with names: shared arrays (`origin` is where offsets begin) and globals.
bool inside_variable(
    Now &now, const std::vector<Object> &objects, uintptr_t origin, const char *what) {
    const uintptr_t begin = now.address - origin, end = begin + now.size;
    auto after = std::upper_bound(objects.begin(), objects.end(), begin,
                                  [](uintptr_t a, const Object &o) { return a < o.begin; });
    const Object *before = after == objects.begin() ? nullptr : &*std::prev(after);
    if (before && end <= before->end) return true;
    const Object *nearest = before;
    if (!before || (after != objects.end() && after->begin - begin < begin - before->end))
        nearest = after == objects.end() ? before : &*after;
    if (!nearest) return true;
    say(now, "out of bounds", ": " + distance(begin, nearest->begin, nearest->end) + what +
        nearest->name + " of " + std::to_string(nearest->end - nearest->begin) + " bytes");
    return false;
}

bool inside_shared(Now &now) {
    const Module &module = *now.w.launch->module;
    const uintptr_t offset = now.address - now.c.shared_begin;
    if (offset + RED_ZONE / 2 < module.dynamic || module.room == 0)
        return inside_variable(now, module.shared, now.c.shared_begin, "the shared array ");
    const size_t size = now.w.launch->shared;
    if (offset >= module.dynamic && offset + now.size <= module.dynamic + size) return true;
    say(now, "out of bounds",
        ": " + distance(offset, module.dynamic, module.dynamic + size) +
            "the dynamic shared memory of " + std::to_string(size) + " bytes");
    return false;
}

bool written(Now &now, uint8_t *flags) {
    const bool all = std::all_of(flags, flags + now.size, [](uint8_t flag) { return flag != 0; });
    if (now.kind != READ) memset(flags, 1, now.size);
    if (all || now.kind == WRITE) return true;
    const char *where = now.shared ? " of shared memory that no thread of the block has written"
                                   : " of global memory that nobody has written";
    say(now, "uninitialised", where);
    return false;
}

}  // namespace

void check_access(
    Worker &w, uintptr_t place, uintptr_t address, size_t size, Kind kind, bool aligned) {
    Machine &m = *w.machine;
    Checks &c = *m.checks;
    check_settled(m);
    const bool global = address - m.arena < m.arena_end - m.arena;
    const bool shared = !global && address - c.shared_begin < c.shared_size;
    const bool variable = !global && !shared &&
                          address - c.variables_begin < c.variables_end - c.variables_begin;
    Now now = {w, c, *w.current, address, size, kind, shared, Entry(), place};
    if (!global && !shared && !variable) {
        if (inside_stack(*w.current, address)) return;
        if (address - c.own_begin < c.own_end - c.own_begin) return;
        if (kind == READ && place && w.launch->module->holds(address)) return;  // constants
        say(now, "out of bounds", " at an address that is not the device's");
        leave(w);
    }
    if (aligned && size <= 16 && address % size) {
        say(now, "misaligned", ", at an address that is no multiple of " + std::to_string(size));
        leave(w);
    }
    now.entry = {c.segment, now.me.clock[now.me.number % LANES], (uint16_t)now.me.number,
                 (uint16_t)(kind == ATOMIC), number_of(c, place)};
    if (global) {
        if (!inside_array(now)) return;
        written(now, m.written + (address - m.arena));
        if (kind == ATOMIC) pass_on(now);
        check_races(now, c.global);
    } else if (shared) {
        if (!inside_shared(now)) return;
        written(now, c.shared_written.data() + (address - c.shared_begin));
        check_races(now, c.shared);
    } else {
        if (!inside_variable(now, w.launch->module->variables, 0, "the variable ")) return;
        if (kind == ATOMIC) pass_on(now);
        check_races(now, c.variables);
    }
}

}  // namespace kernelgraph
