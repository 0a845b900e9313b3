// Faults of kernels, and stopping one that does not end: both are signals.
//
// A fault in a kernel (an address that is not there, a division of integers by zero) reaches us as
// a signal. If the kernel's own code was running, that CUDA thread ends and the fault is noted; any
// other fault goes to whoever handled it before. The same way, SIGURG stops a kernel that is not
// watched: it is a signal that does nothing where nobody waits for it.
#include "machine.h"

#include <csignal>

namespace kernelgraph {

static const int FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
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
        if (number != SIGURG) {
            const std::string words = words_for(number);
            Machine &m = *w->machine;
            if (m.mode == RUN) m.fail(words + ": " + where(blockIdx, threadIdx));
            else m.report("fault", words, 0);
        }
        leave(*w);
    }
    const struct sigaction &old = previous[number];
    if (number == SIGURG && (old.sa_handler == SIG_DFL || old.sa_handler == SIG_IGN)) return;
    if (old.sa_flags & SA_SIGINFO) old.sa_sigaction(number, info, context);
    else if (old.sa_handler == SIG_DFL) {  // the fault happens again, and has its usual end
        sigaction(number, &old, nullptr);
    } else if (old.sa_handler != SIG_IGN) old.sa_handler(number);
}

void watch_signals(bool on) {
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
    each(SIGURG);
}

// Signals are handled on a stack of their own: the thread's may be what has overflowed. That of
// the fibers is left for good when one ends there, so nothing is to be undone.
SignalStack::SignalStack() : room(64 << 10) {
    stack_t stack = {};
    stack.ss_sp = room.data();
    stack.ss_size = room.size();
    sigaltstack(&stack, nullptr);
}

SignalStack::~SignalStack() {
    stack_t stack = {};
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, nullptr);
}

void stop(const Worker &w) { pthread_kill(w.thread, SIGURG); }

}  // namespace kernelgraph
