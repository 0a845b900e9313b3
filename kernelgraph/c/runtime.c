/* The host of compiled programs: a Python type `CompiledFunction` that reads a table and calls a C function.

   Checking arguments, allocating results, calling back into Python and committing updates are the same work for
   every compiled function, so they are written once, here, and driven by tables. What is compiled per function
   is free of Python and NumPy. `runtime_ctypes.py` is the same thing in Python, slower, for machines that lack
   the headers this file needs; read that one first. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <numpy/arrayobject.h>

#include "host.h"

_Static_assert(sizeof(npy_intp) == sizeof(int64_t), "NumPy counts in 64 bits here");

/* ------------------------------------------------------------------------------------------------ tables -- */

enum { ANY_OBJECT = -1 };     /* the type of a slot that holds a Python object instead of an array */
enum { UNKNOWN_SIZE = -1 };

typedef struct {
    int type;                 /* NumPy's type number, or ANY_OBJECT */
    int rank;
    PyArray_Descr *dtype;     /* owned; NULL for ANY_OBJECT */
} Slot;

/* Every PyObject below is borrowed from `CompiledFunction.kept`, so that one list owns all and the garbage collector
   has one thing to visit. */

typedef struct {
    int slot;
    PyObject *filter;
    npy_intp *sizes;          /* `rank` static sizes; NULL for ANY_OBJECT */
} Argument;

typedef struct {
    int slot;
    PyObject *object;         /* a one-element list (cells, updates) or the value itself (constants) */
} Binding;

typedef struct {
    PyObject *function;
    int *inputs, *outputs;
    Py_ssize_t input_count, output_count;
} Call;

typedef struct CallState CallState;
typedef struct kg_routines kg_routines;

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    int32_t (*entry)(kg_host *);
    PyObject *kept;           /* list: owns what the tables borrow; NULL once the collector has cleared us */
    PyObject *fail;
    Slot *slots;
    Argument *arguments;
    Binding *cells, *constants, *updates;
    int *outputs;
    Call *calls;
    Py_ssize_t slot_count, argument_count, cell_count, constant_count, update_count, output_count, call_count;
    int single;
    const kg_routines *routines; /* BLAS; see kernelgraph/c/blas.py; NULL where there is none */
    PyObject *make_turn, *queue, *begin_turn, *wake; /* how calls take turns; NULL where they need not */
    CallState *idle;              /* the state of the next call, kept ready; NULL while a call uses it */
} CompiledFunction;

/* ------------------------------------------------------------------------------------------- scratch memory -- */

enum { ALIGNMENT = 64, SMALLEST_CHUNK = 64 * 1024, LARGEST_RESERVE = 4 * 1024 * 1024 };

/* Scratch is a stack that runs through a chain of chunks. A position in it is one number: `base` of its chunk plus
   the offset inside. Chunks are asked of the system and given back to it, past the heap, which would keep them. */
typedef struct Chunk {
    struct Chunk *next;
    char *memory;
    int64_t base, size, used;
} Chunk;

/* `needed` is the highest position of this call, `needed_before` that of the last. */
typedef struct {
    Chunk *first, *current;
    int64_t needed, needed_before;
} Arena;

/* Under the address sanitizer only what has been taken may be touched: there is a fence behind each piece, new memory
   is filled with something odd, and what has been released is out of bounds. */
#ifdef __SANITIZE_ADDRESS__
enum { FENCE = ALIGNMENT };

static void close_memory(char *memory, int64_t bytes) { __asan_poison_memory_region(memory, (size_t)bytes); }

static void open_memory(char *memory, int64_t bytes) { __asan_unpoison_memory_region(memory, (size_t)bytes); }
static void fill_memory(char *memory, int64_t bytes) { memset(memory, 0xbe, (size_t)bytes); }
#else
enum { FENCE = 0 };

static void close_memory(char *Py_UNUSED(memory), int64_t Py_UNUSED(bytes)) {}
static void open_memory(char *Py_UNUSED(memory), int64_t Py_UNUSED(bytes)) {}
static void fill_memory(char *Py_UNUSED(memory), int64_t Py_UNUSED(bytes)) {}
#endif

static Chunk *chunk_new(const Chunk *previous, int64_t bytes)
{
    int64_t size = previous != NULL ? 2 * previous->size : SMALLEST_CHUNK;
    if (size > LARGEST_RESERVE)
        size = LARGEST_RESERVE;
    if (size < bytes)
        size = bytes;
    Chunk *chunk = PyMem_RawMalloc(sizeof(Chunk));
    if (chunk == NULL)
        return NULL;
    chunk->memory = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk->memory == MAP_FAILED) {
        PyMem_RawFree(chunk);
        return NULL;
    }
    chunk->next = NULL;
    chunk->base = previous != NULL ? previous->base + previous->size : 0;
    chunk->size = size;
    chunk->used = 0;
    close_memory(chunk->memory, size);
    return chunk;
}

/* Give back the chunk that a link points to, and all behind it. */
static void chunks_free(Chunk **link)
{
    for (Chunk *chunk = *link, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        open_memory(chunk->memory, chunk->size);
        munmap(chunk->memory, (size_t)chunk->size);
        PyMem_RawFree(chunk);
    }
    *link = NULL;
}

/* A new chunk behind those that hold something. What lies empty is given back first: growing must not need the old
   and the new at once. NULL when there is no memory. */
static Chunk *arena_extend(Arena *arena, int64_t bytes)
{
    Chunk *last = NULL, **link = &arena->first;
    while (*link != NULL && last != arena->current && !(*link == arena->current && (*link)->used == 0)) {
        last = *link;
        link = &last->next;
    }
    chunks_free(link);
    arena->current = last;
    *link = chunk_new(last, bytes);
    return *link;
}

static void *arena_take(Arena *arena, int64_t bytes)
{
    if (bytes < 0 || bytes > INT64_MAX / 8)
        return NULL;
    const int64_t asked = bytes;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + FENCE;
    Chunk *chunk = arena->current;
    if (chunk == NULL || chunk->size - chunk->used < bytes) {
        if (chunk != NULL && chunk->next != NULL && chunk->next->size >= bytes) {
            chunk = chunk->next;
            chunk->used = 0;
        } else {
            chunk = arena_extend(arena, bytes);
        }
        if (chunk == NULL)
            return NULL;
        arena->current = chunk;
    }
    char *memory = chunk->memory + chunk->used;
    open_memory(memory, asked);
    fill_memory(memory, asked);
    chunk->used += bytes;
    if (chunk->base + chunk->used > arena->needed)
        arena->needed = chunk->base + chunk->used;
    return memory;
}

static int64_t arena_mark(const Arena *arena)
{
    return arena->current != NULL ? arena->current->base + arena->current->used : 0;
}

/* What is not in use may not be touched. */
static void arena_close(const Arena *arena)
{
    if (arena->current == NULL)
        return;
    close_memory(arena->current->memory + arena->current->used, arena->current->size - arena->current->used);
    for (Chunk *chunk = arena->current->next; chunk != NULL; chunk = chunk->next)
        close_memory(chunk->memory, chunk->size);
}

static void arena_release(Arena *arena, int64_t mark)
{
    if (mark < 0 || mark > arena_mark(arena) || arena->first == NULL)
        return;
    Chunk *chunk = arena->first;
    while (chunk->next != NULL && chunk->next->base <= mark)
        chunk = chunk->next;
    chunk->used = mark - chunk->base;
    arena->current = chunk;
    arena_close(arena);
}

/* After a call, when nothing is in use: what the last two calls have both needed stays for the next, about; the rest
   is given back. One large call leaves nothing behind, a loop of large calls does not ask anew each time. */
static void arena_settle(Arena *arena)
{
    int64_t wanted = arena->needed < arena->needed_before ? arena->needed : arena->needed_before;
    arena->needed_before = arena->needed;
    arena->needed = 0;
    Chunk **link = &arena->first;
    while (*link != NULL && (*link)->base + (*link)->size <= 2 * wanted + SMALLEST_CHUNK)
        link = &(*link)->next;
    chunks_free(link);
    arena->current = arena->first;
    if (arena->first != NULL)
        arena->first->used = 0;
    arena_close(arena);
}

/* ------------------------------------------------------------------------------------------ state of a call -- */

typedef union {
    double real;
    int64_t integer;
} Number;

/* All that one call needs. A program keeps one for the next call; calls inside calls make their own. */
struct CallState {
    kg_host host;             /* first, so that a program's host pointer is a pointer to this */
    CompiledFunction *program;
    PyObject *turn;           /* owned; see kernelgraph/turns.py; NULL where no turns are taken */
    unsigned long thread;     /* the thread that `turn` belongs to, once it has had one */
    PyObject **replaced;      /* what the updates took out of their cells */
    PyObject **spares;        /* one per slot: an array whose memory the next result may have, or NULL */
    char *made;               /* one per slot: whether a call has made an array for it, so that a spare is of use */
    Number *numbers;          /* one per slot: room for a Python number that came as an argument */
    Arena arena;
};

static int32_t host_allocate(kg_host *, int32_t, const int64_t *);
static int32_t host_call(kg_host *, int32_t);
static int32_t host_poll(kg_host *);
static int32_t host_pack(kg_host *, int32_t, int32_t);
static void *host_scratch(kg_host *, int64_t);
static int64_t host_mark(kg_host *);
static void host_release(kg_host *, int64_t);
static int32_t host_product(kg_host *, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t);
static int32_t host_lapack(kg_host *, int32_t, int32_t, const int32_t *, int32_t, int32_t, int32_t);

static CallState *state_new(CompiledFunction *program)
{
    size_t slots = (size_t)program->slot_count, updates = (size_t)program->update_count;
    CallState *state = PyMem_Calloc(
        1, sizeof(CallState) + slots * (sizeof(kg_value) + sizeof(Number) + sizeof(PyObject *) + 1) +
               updates * sizeof(PyObject *));
    if (state == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    state->program = program;
    if (program->make_turn != NULL && (state->turn = PyObject_CallNoArgs(program->make_turn)) == NULL) {
        PyMem_Free(state);
        return NULL;
    }
    state->host.values = (kg_value *)(state + 1);
    state->numbers = (Number *)(state->host.values + slots);
    state->spares = (PyObject **)(state->numbers + slots);
    state->replaced = state->spares + slots;
    state->made = (char *)(state->replaced + updates);
    state->host.allocate = host_allocate;
    state->host.call = host_call;
    state->host.poll = host_poll;
    state->host.pack = host_pack;
    state->host.scratch = host_scratch;
    state->host.mark = host_mark;
    state->host.release = host_release;
    state->host.product = host_product;
    state->host.lapack = host_lapack;
    return state;
}

static void state_free(CallState *state)
{
    for (Py_ssize_t i = 0; i < state->program->slot_count; i++)
        Py_CLEAR(state->spares[i]);
    Py_CLEAR(state->turn);
    chunks_free(&state->arena.first);
    PyMem_Free(state);
}

static CallState *state_acquire(CompiledFunction *program)
{
    CallState *state = program->idle;
    if (state == NULL)
        return state_new(program);
    program->idle = NULL;
    return state;
}

/* Whether nobody but the caller knows this array, so that its memory can hold another result. */
static int is_unknown_to_others(const Slot *slot, PyObject *object)
{
#ifdef Py_GIL_DISABLED
    return 0; /* counts of references tell less there */
#else
    if (!PyArray_CheckExact(object) || Py_REFCNT(object) != 1)
        return 0;
    PyArrayObject *array = (PyArrayObject *)object;
    return PyArray_TYPE(array) == slot->type && PyArray_NDIM(array) == slot->rank && PyArray_ISCARRAY(array) &&
           PyArray_CHKFLAGS(array, NPY_ARRAY_OWNDATA) && ((PyArrayObject_fields *)array)->weakreflist == NULL;
#endif
}

/* Letting go of objects may run Python code, which may call the program again: only a state that is empty again
   is put back. */
static void state_give_back(CallState *state)
{
    CompiledFunction *program = state->program;
    for (Py_ssize_t i = 0; i < program->slot_count; i++) {
        PyObject *object = state->host.values[i].object;
        state->host.values[i] = (kg_value){0};
        Py_XDECREF(object);
    }
    for (Py_ssize_t i = 0; i < program->update_count; i++) {
        int slot = program->updates[i].slot;
        PyObject *before = state->replaced[i];
        state->replaced[i] = NULL;
        if (before != NULL && state->made[slot] && is_unknown_to_others(&program->slots[slot], before))
            Py_XSETREF(state->spares[slot], before);
        else
            Py_XDECREF(before);
    }
    arena_settle(&state->arena);
    if (program->idle == NULL)
        program->idle = state;
    else
        state_free(state);
}

/* --------------------------------------------------------------------------------------- filling the slots -- */

/* Put an object into a slot, taking over the caller's reference; what the slot held is let go last, because
   that may run Python code. */
static void put_object(kg_value *value, PyObject *object)
{
    PyObject *before = value->object;
    *value = (kg_value){.object = object};
    Py_XDECREF(before);
}

static void put_array(kg_value *value, PyObject *object)
{
    PyArrayObject *array = (PyArrayObject *)object;
    PyObject *before = value->object;
    value->data = PyArray_BYTES(array);
    value->shape = (const int64_t *)PyArray_DIMS(array);
    value->strides = (const int64_t *)PyArray_STRIDES(array);
    value->object = object;
    Py_XDECREF(before);
}

/* Whether compiled code can read this object as an array of the slot's dtype and rank. */
static inline int fits(const Slot *slot, PyObject *object)
{
    if (!PyArray_CheckExact(object))
        return 0;
    PyArrayObject *array = (PyArrayObject *)object;
    int type = PyArray_TYPE(array);
    /* C has more integer types than sizes: an array of `long long` is an array of `long`. */
    if (type != slot->type && !PyArray_EquivTypenums(type, slot->type))
        return 0;
    return PyArray_NDIM(array) == slot->rank && PyArray_ISALIGNED(array) && PyArray_ISNOTSWAPPED(array);
}

static inline int sizes_match(const Slot *slot, const npy_intp *sizes, PyObject *array)
{
    const npy_intp *shape = PyArray_DIMS((PyArrayObject *)array);
    for (int i = 0; i < slot->rank; i++)
        if (sizes[i] != UNKNOWN_SIZE && sizes[i] != shape[i])
            return 0;
    return 1;
}

/* Fill a slot with an object that somebody has prepared for it, or refuse. Takes over the reference. */
static int put_checked(CompiledFunction *program, CallState *state, int slot, PyObject *object, const char *source)
{
    const Slot *declared = &program->slots[slot];
    if (declared->type == ANY_OBJECT) {
        put_object(&state->host.values[slot], object);
        return 0;
    }
    if (fits(declared, object)) {
        put_array(&state->host.values[slot], object);
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "slot %d: %s is not an aligned native %R array of rank %d but %R", slot, source,
                 declared->dtype, declared->rank, Py_TYPE(object));
    Py_DECREF(object);
    return -1;
}

/* A Python number for a scalar slot needs no array: it is stored in the state. 1 when that was done. */
static inline int put_number(const Slot *slot, CallState *state, int index, PyObject *object)
{
    Number *number = &state->numbers[index];
    if (slot->rank != 0)
        return 0;
    if (slot->type == NPY_FLOAT64 && PyFloat_Check(object)) {
        number->real = PyFloat_AS_DOUBLE(object);
    } else if (PyLong_CheckExact(object) && (slot->type == NPY_FLOAT64 || slot->type == NPY_INT64)) {
        const long long exact = 1LL << 53; /* up to here a double holds every integer */
        int overflow;
        long long integer = PyLong_AsLongLongAndOverflow(object, &overflow);
        if (overflow)
            return 0;
        if (slot->type == NPY_INT64)
            number->integer = integer;
        else if (-exact <= integer && integer <= exact)
            number->real = (double)integer;
        else
            return 0;
    } else {
        return 0;
    }
    state->host.values[index].data = (char *)number;
    return 1;
}

static int put_filtered(CompiledFunction *program, CallState *state, const Argument *argument, PyObject *object)
{
    const Slot *slot = &program->slots[argument->slot];
    PyObject *filtered = PyObject_CallOneArg(argument->filter, object);
    if (filtered == NULL)
        return -1;
    if (fits(slot, filtered) && !sizes_match(slot, argument->sizes, filtered)) {
        PyErr_Format(PyExc_TypeError, "slot %d: the filter returned an array of another shape", argument->slot);
        Py_DECREF(filtered);
        return -1;
    }
    return put_checked(program, state, argument->slot, filtered, "what the filter returned");
}

static inline int put_argument(CompiledFunction *program, CallState *state, const Argument *argument, PyObject *object)
{
    const Slot *slot = &program->slots[argument->slot];
    kg_value *value = &state->host.values[argument->slot];
    if (slot->type == ANY_OBJECT) {
        put_object(value, Py_NewRef(object));
        return 0;
    }
    if (fits(slot, object) && sizes_match(slot, argument->sizes, object)) {
        put_array(value, Py_NewRef(object));
        return 0;
    }
    if (put_number(slot, state, argument->slot, object))
        return 0;
    return put_filtered(program, state, argument, object);
}

static int put_arguments(CompiledFunction *program, CallState *state, PyObject *const *arguments)
{
    for (Py_ssize_t i = 0; i < program->argument_count; i++)
        if (put_argument(program, state, &program->arguments[i], arguments[i]) < 0)
            return -1;
    return 0;
}

/* The cells are read at one moment: nothing here runs Python code unless it fails. */
static int put_cells(CompiledFunction *program, CallState *state)
{
    for (Py_ssize_t i = 0; i < program->cell_count; i++) {
        const Binding *cell = &program->cells[i];
        if (PyList_GET_SIZE(cell->object) != 1) {
            PyErr_SetString(PyExc_TypeError, "a cell must be a list of one element");
            return -1;
        }
        PyObject *content = Py_NewRef(PyList_GET_ITEM(cell->object, 0));
        if (put_checked(program, state, cell->slot, content, "the content of its cell") < 0)
            return -1;
    }
    for (Py_ssize_t i = 0; i < program->constant_count; i++) {
        const Binding *constant = &program->constants[i];
        if (put_checked(program, state, constant->slot, Py_NewRef(constant->object), "its constant") < 0)
            return -1;
    }
    return 0;
}

/* The object in a slot, borrowed; a number that needed no array until now gets one. */
static PyObject *object_of(CompiledFunction *program, CallState *state, int slot)
{
    kg_value *value = &state->host.values[slot];
    if (value->object != NULL)
        return value->object;
    if (value->data == NULL) {
        PyErr_Format(PyExc_RuntimeError, "slot %d was read before anything was stored in it", slot);
        return NULL;
    }
    PyArray_Descr *dtype = program->slots[slot].dtype;
    Py_INCREF(dtype);
    PyObject *array = PyArray_NewFromDescr(&PyArray_Type, dtype, 0, NULL, NULL, NULL, 0, NULL);
    if (array == NULL)
        return NULL;
    memcpy(PyArray_DATA((PyArrayObject *)array), value->data, sizeof(Number));
    put_array(value, array);
    return array;
}

/* ------------------------------------------------------------------------- what a program may ask of its host -- */

/* How many bytes an array has; the largest number where there are more. */
static int64_t bytes_of_slot(const Slot *slot, const int64_t *shape)
{
    int64_t bytes = PyDataType_ELSIZE(slot->dtype);
    for (int i = 0; i < slot->rank; i++)
        if (__builtin_mul_overflow(bytes, shape[i], &bytes))
            return INT64_MAX;
    return bytes;
}

/* No memcmp: without dimensions there is no shape to point to, and C wants one even of no bytes. */
static int has_shape(PyArrayObject *array, const int64_t *shape)
{
    for (int axis = 0; axis < PyArray_NDIM(array); axis++)
        if (PyArray_DIM(array, axis) != shape[axis])
            return 0;
    return 1;
}

static int32_t host_allocate(kg_host *host, int32_t slot, const int64_t *shape)
{
    CallState *state = (CallState *)host;
    CompiledFunction *program = state->program;
    if (slot < 0 || slot >= program->slot_count || program->slots[slot].type == ANY_OBJECT) {
        PyErr_Format(PyExc_RuntimeError, "slot %d cannot hold an array", slot);
        return 1;
    }
    const Slot *declared = &program->slots[slot];
    PyObject *spare = state->spares[slot];
    state->made[slot] = 1;
    if (spare != NULL && has_shape((PyArrayObject *)spare, shape)) {
        state->spares[slot] = NULL;
        put_array(&state->host.values[slot], spare);
        return 0;
    }
    Py_CLEAR(state->spares[slot]); /* before the new one is asked for: there may be room for one of them only */
    Py_INCREF(declared->dtype);
    PyObject *array = PyArray_NewFromDescr(&PyArray_Type, declared->dtype, declared->rank, (npy_intp const *)shape,
                                           NULL, NULL, 0, NULL);
    if (array == NULL) {
        host->error_detail[0] = bytes_of_slot(declared, shape);
        /* NumPy calls sizes that are negative or overflow a ValueError; here they mean one thing. */
        if (PyErr_ExceptionMatches(PyExc_ValueError)) {
            PyErr_Clear();
            PyErr_Format(PyExc_MemoryError, "no array can have the size that slot %d asks for", slot);
        }
        return 1;
    }
    put_array(&state->host.values[slot], array);
    return 0;
}

static int32_t host_pack(kg_host *host, int32_t slot, int32_t axes)
{
    kg_value *value = &host->values[slot];
    PyArrayObject *array = (PyArrayObject *)value->object;
    int64_t bytes = PyArray_ITEMSIZE(array);
    int gaps = 0;
    for (int rank = PyArray_NDIM(array), axis = rank; axis-- > 0; bytes *= value->shape[axis])
        gaps |= axis >= rank - axes && value->shape[axis] != 1 && value->strides[axis] != bytes;
    if (!gaps || bytes == 0)
        return 0;
    host->error_detail[0] = bytes;
    PyObject *copy = PyArray_NewCopy(array, NPY_CORDER);
    if (copy != NULL)
        put_array(value, copy);
    return copy == NULL;
}

static PyObject *call_inputs(CompiledFunction *program, CallState *state, const Call *call)
{
    PyObject *inputs = PyTuple_New(call->input_count);
    if (inputs == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < call->input_count; i++) {
        PyObject *object = object_of(program, state, call->inputs[i]);
        if (object == NULL) {
            Py_DECREF(inputs);
            return NULL;
        }
        PyTuple_SET_ITEM(inputs, i, Py_NewRef(object));
    }
    return inputs;
}

static int32_t host_call(kg_host *host, int32_t number)
{
    CallState *state = (CallState *)host;
    CompiledFunction *program = state->program;
    if (number < 0 || number >= program->call_count) {
        PyErr_Format(PyExc_RuntimeError, "there is no Python call number %d", number);
        return 1;
    }
    const Call *call = &program->calls[number];
    PyObject *inputs = call_inputs(program, state, call);
    if (inputs == NULL)
        return 1;
    PyObject *results = PyObject_Call(call->function, inputs, NULL);
    Py_DECREF(inputs);
    if (results == NULL)
        return 1;
    if (!(PyTuple_CheckExact(results) || PyList_CheckExact(results)) ||
        PySequence_Fast_GET_SIZE(results) != call->output_count) {
        PyErr_Format(PyExc_TypeError, "Python call %d must return a list or tuple of %zd values, not %R", number,
                     call->output_count, Py_TYPE(results));
        Py_DECREF(results);
        return 1;
    }
    Py_SETREF(results, PySequence_Tuple(results)); /* a list could shrink while its values are stored */
    if (results == NULL)
        return 1;
    int32_t status = 0;
    for (Py_ssize_t i = 0; i < call->output_count && status == 0; i++) {
        PyObject *result = Py_NewRef(PyTuple_GET_ITEM(results, i));
        status = put_checked(program, state, call->outputs[i], result, "the result of a Python call") < 0;
    }
    Py_DECREF(results);
    return status;
}

static int32_t host_poll(kg_host *Py_UNUSED(host))
{
    return PyErr_CheckSignals() != 0;
}

static void *host_scratch(kg_host *host, int64_t bytes)
{
    void *memory = arena_take(&((CallState *)host)->arena, bytes);
    host->error_detail[0] = bytes;
    if (memory == NULL)
        PyErr_Format(PyExc_MemoryError, "no %lld bytes for temporaries", (long long)bytes);
    return memory;
}

static int64_t host_mark(kg_host *host)
{
    return arena_mark(&((CallState *)host)->arena);
}

static void host_release(kg_host *host, int64_t mark)
{
    arena_release(&((CallState *)host)->arena, mark);
}

#include "products.c"
#include "lapack.c"

/* ------------------------------------------------------------------------------------------------ one call -- */

static void raise_program_error(CompiledFunction *program, const kg_host *host)
{
    const int64_t *detail = host->error_detail;
    PyObject *nothing = PyObject_CallFunction(program->fail, "ii(LLLL)", (int)host->error_code, (int)host->error_node,
                                              (long long)detail[0], (long long)detail[1], (long long)detail[2],
                                              (long long)detail[3]);
    if (nothing == NULL)
        return;
    Py_DECREF(nothing);
    PyErr_Format(PyExc_RuntimeError, "the program failed with code %d in node %d", (int)host->error_code,
                 (int)host->error_node);
}

/* Warn of what raised a flag; warnings may be errors. */
static int warn(CompiledFunction *program, int32_t check)
{
    PyObject *nothing = PyObject_CallFunction(program->fail, "ii(LLLL)", (int)check, (int)check, 0LL, 0LL, 0LL, 0LL);
    if (nothing == NULL)
        return -1;
    Py_DECREF(nothing);
    return 0;
}

static int run(CompiledFunction *program, CallState *state)
{
    state->host.error_code = state->host.error_node = state->host.warning = 0;
    memset(state->host.error_detail, 0, sizeof state->host.error_detail);
    int32_t status = program->entry(&state->host);
    if (PyErr_Occurred()) {
        if (status >= KG_NO_ROOM && PyErr_ExceptionMatches(PyExc_MemoryError)) {
            PyErr_Clear();
            state->host.error_code = KG_NO_ROOM - 1 - status; /* below 0, which checks have not */
            raise_program_error(program, &state->host);
        }
        return -1;
    }
    if (status == KG_DONE)
        return state->host.warning ? warn(program, state->host.warning - 1) : 0;
    if (status == KG_PROGRAM_ERROR)
        raise_program_error(program, &state->host);
    else
        PyErr_Format(PyExc_RuntimeError, "the program returned status %d without an error", (int)status);
    return -1;
}

static PyObject *collect_outputs(CompiledFunction *program, CallState *state)
{
    if (program->single) {
        PyObject *output = object_of(program, state, program->outputs[0]);
        return Py_XNewRef(output);
    }
    PyObject *outputs = PyList_New(program->output_count);
    if (outputs == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < program->output_count; i++) {
        PyObject *output = object_of(program, state, program->outputs[i]);
        if (output == NULL) {
            Py_DECREF(outputs);
            return NULL;
        }
        PyList_SET_ITEM(outputs, i, Py_NewRef(output));
    }
    return outputs;
}

/* Store the updates: first everything that can fail, then nothing but swaps of pointers. What comes out of the
   cells is let go with the state, after the last swap, because that may run Python code. */
static int commit(CompiledFunction *program, CallState *state)
{
    for (Py_ssize_t i = 0; i < program->update_count; i++)
        if (object_of(program, state, program->updates[i].slot) == NULL)
            return -1;
    for (Py_ssize_t i = 0; i < program->update_count; i++) {
        if (PyList_GET_SIZE(program->updates[i].object) != 1) {
            PyErr_SetString(PyExc_TypeError, "a cell must be a list of one element");
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < program->update_count; i++) {
        const Binding *update = &program->updates[i];
        state->replaced[i] = PyList_GET_ITEM(update->object, 0);
        PyList_SET_ITEM(update->object, 0, Py_NewRef((PyObject *)state->host.values[update->slot].object));
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------- turns -- */

/* A call that updates cells waits until it has its turn; kernelgraph/turns.py says who waits for whom. An empty
   queue is joined without a word, and left in any case, because C code cannot be interrupted in between. */
static int turn_begin(CompiledFunction *program, CallState *state)
{
    if (state->turn == NULL)
        return 0;
    unsigned long thread = PyThread_get_thread_ident();
    if (thread != state->thread) {
        PyObject *number = PyLong_FromUnsignedLong(thread);
        if (number == NULL || PyObject_SetAttrString(state->turn, "thread", number) < 0) {
            Py_XDECREF(number);
            return -1;
        }
        Py_DECREF(number);
        state->thread = thread;
    }
#ifndef Py_GIL_DISABLED
    if (PyList_GET_SIZE(program->queue) == 0)
        return PyList_Append(program->queue, state->turn);
#endif
    PyObject *nothing = PyObject_CallOneArg(program->begin_turn, state->turn);
    Py_XDECREF(nothing);
    return nothing == NULL ? -1 : 0;
}

/* Leave the queue, and have those who wait look again. An exception stays, unless a Ctrl-C takes its place. */
static int turn_end(CompiledFunction *program, CallState *state)
{
    if (state->turn == NULL)
        return 0;
    PyObject *queue = program->queue;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(queue); i++) {
        if (PyList_GET_ITEM(queue, i) == state->turn) {
            PyList_SetSlice(queue, i, i + 1, NULL);
            break;
        }
    }
    if (PyList_GET_SIZE(queue) == 0)
        return 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *nothing = PyObject_CallNoArgs(program->wake);
    if (nothing != NULL) {
        Py_DECREF(nothing);
        PyErr_Restore(type, value, traceback);
        return 0;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return -1;
}

/* Read the cells, run, and store the updates: what nobody else may do to the same cells meanwhile. */
static PyObject *run_in_turn(CompiledFunction *program, CallState *state)
{
    if (turn_begin(program, state) < 0)
        return NULL;
    PyObject *outputs = NULL;
    if (put_cells(program, state) == 0 && run(program, state) == 0) {
        outputs = collect_outputs(program, state);
        if (outputs != NULL && commit(program, state) < 0)
            Py_CLEAR(outputs);
    }
    if (turn_end(program, state) < 0)
        Py_CLEAR(outputs);
    return outputs;
}

static PyObject *program_call(PyObject *callable, PyObject *const *arguments, size_t flags, PyObject *names)
{
    CompiledFunction *program = (CompiledFunction *)callable;
    Py_ssize_t given = PyVectorcall_NARGS(flags);
    if (program->kept == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "this program has already been collected");
        return NULL;
    }
    if (given != program->argument_count || (names != NULL && PyTuple_GET_SIZE(names) != 0)) {
        PyErr_Format(PyExc_TypeError, "the program takes %zd positional arguments", program->argument_count);
        return NULL;
    }
    CallState *state = state_acquire(program);
    if (state == NULL)
        return NULL;
    PyObject *outputs = NULL;
    if (put_arguments(program, state, arguments) == 0)
        outputs = run_in_turn(program, state);
    state_give_back(state);
    return outputs;
}

/* ------------------------------------------------------------------------------------- reading the tables -- */

/* Own `object` for as long as the program lives; the tables borrow it. NULL when there is no memory. */
static PyObject *keep(CompiledFunction *program, PyObject *object)
{
    return PyList_Append(program->kept, object) < 0 ? NULL : object;
}

/* The length of a list, and in `table` room for as many rows of `size` bytes. */
static Py_ssize_t open_table(PyObject *list, const char *name, size_t size, void *table)
{
    if (!PyList_Check(list)) {
        PyErr_Format(PyExc_TypeError, "%s must be a list, not %R", name, Py_TYPE(list));
        return -1;
    }
    Py_ssize_t count = PyList_GET_SIZE(list);
    void *rows = PyMem_Calloc((size_t)count + 1, size);
    if (rows == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *(void **)table = rows;
    return count;
}

static int read_slot_number(const CompiledFunction *program, PyObject *object)
{
    long slot = PyLong_AsLong(object);
    if (slot == -1 && PyErr_Occurred())
        return -1;
    if (slot < 0 || slot >= program->slot_count) {
        PyErr_Format(PyExc_ValueError, "slot %ld does not exist: there are %zd", slot, program->slot_count);
        return -1;
    }
    return (int)slot;
}

static Py_ssize_t read_slot_numbers(const CompiledFunction *program, PyObject *list, const char *name, int **slots)
{
    Py_ssize_t count = open_table(list, name, sizeof(int), slots);
    for (Py_ssize_t i = 0; i < count; i++) {
        (*slots)[i] = read_slot_number(program, PyList_GET_ITEM(list, i));
        if ((*slots)[i] < 0)
            return -1;
    }
    return count;
}

static int read_slots(CompiledFunction *program, PyObject *list)
{
    Py_ssize_t count = open_table(list, "slots", sizeof(Slot), &program->slots);
    if (count < 0)
        return -1;
    program->slot_count = count; /* set at once, so that the rows read so far are freed when a later one is bad */
    for (Py_ssize_t i = 0; i < count; i++) {
        Slot *slot = &program->slots[i];
        PyObject *row = PyList_GET_ITEM(list, i);
        if (!PyTuple_Check(row) || !PyArg_ParseTuple(row, "ii", &slot->type, &slot->rank)) {
            PyErr_SetString(PyExc_TypeError, "each slot is a tuple (type number, rank)");
            return -1;
        }
        if (slot->type == ANY_OBJECT)
            continue;
        if (!(PyTypeNum_ISNUMBER(slot->type) || PyTypeNum_ISBOOL(slot->type)) || slot->rank < 0 ||
            slot->rank > NPY_MAXDIMS) {
            PyErr_Format(PyExc_ValueError, "no slot can have type number %d and rank %d", slot->type, slot->rank);
            return -1;
        }
        slot->dtype = PyArray_DescrFromType(slot->type);
        if (slot->dtype == NULL)
            return -1;
    }
    return 0;
}

static int read_sizes(const Slot *slot, PyObject *tuple, npy_intp **sizes)
{
    if (slot->type == ANY_OBJECT)
        return 0;
    if (PyTuple_GET_SIZE(tuple) != slot->rank) {
        PyErr_SetString(PyExc_ValueError, "an argument needs one static size per dimension");
        return -1;
    }
    *sizes = PyMem_Calloc((size_t)slot->rank + 1, sizeof(npy_intp));
    if (*sizes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (int i = 0; i < slot->rank; i++) {
        (*sizes)[i] = PyLong_AsSsize_t(PyTuple_GET_ITEM(tuple, i));
        if (PyErr_Occurred())
            return -1;
    }
    return 0;
}

static int read_arguments(CompiledFunction *program, PyObject *list)
{
    Py_ssize_t count = open_table(list, "arguments", sizeof(Argument), &program->arguments);
    if (count < 0)
        return -1;
    program->argument_count = count;
    for (Py_ssize_t i = 0; i < count; i++) {
        Argument *argument = &program->arguments[i];
        PyObject *row = PyList_GET_ITEM(list, i), *slot, *sizes;
        if (!PyTuple_Check(row) || !PyArg_ParseTuple(row, "OOO!", &slot, &argument->filter, &PyTuple_Type, &sizes)) {
            PyErr_SetString(PyExc_TypeError, "each argument is a tuple (slot, filter, static sizes)");
            return -1;
        }
        argument->slot = read_slot_number(program, slot);
        if (argument->slot < 0 || keep(program, argument->filter) == NULL ||
            read_sizes(&program->slots[argument->slot], sizes, &argument->sizes) < 0)
            return -1;
    }
    return 0;
}

static Py_ssize_t read_bindings(CompiledFunction *program, PyObject *list, const char *name, Binding **bindings)
{
    Py_ssize_t count = open_table(list, name, sizeof(Binding), bindings);
    for (Py_ssize_t i = 0; i < count; i++) {
        Binding *binding = &(*bindings)[i];
        PyObject *row = PyList_GET_ITEM(list, i), *slot;
        if (!PyTuple_Check(row) || !PyArg_ParseTuple(row, "OO", &slot, &binding->object)) {
            PyErr_Format(PyExc_TypeError, "%s are tuples of a slot and an object", name);
            return -1;
        }
        binding->slot = read_slot_number(program, slot);
        if (binding->slot < 0 || keep(program, binding->object) == NULL)
            return -1;
    }
    return count;
}

static Py_ssize_t read_cells(CompiledFunction *program, PyObject *list, const char *name, Binding **cells)
{
    Py_ssize_t count = read_bindings(program, list, name, cells);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!PyList_CheckExact((*cells)[i].object)) {
            PyErr_Format(PyExc_TypeError, "%s hold one-element lists", name);
            return -1;
        }
    }
    return count;
}

static int read_calls(CompiledFunction *program, PyObject *list)
{
    Py_ssize_t count = open_table(list, "calls", sizeof(Call), &program->calls);
    if (count < 0)
        return -1;
    program->call_count = count;
    for (Py_ssize_t i = 0; i < count; i++) {
        Call *call = &program->calls[i];
        PyObject *row = PyList_GET_ITEM(list, i), *inputs, *outputs;
        if (!PyTuple_Check(row) || !PyArg_ParseTuple(row, "OOO", &call->function, &inputs, &outputs)) {
            PyErr_SetString(PyExc_TypeError, "each call is a tuple (callable, input slots, output slots)");
            return -1;
        }
        call->input_count = read_slot_numbers(program, inputs, "input slots", &call->inputs);
        call->output_count = read_slot_numbers(program, outputs, "output slots", &call->outputs);
        if (call->input_count < 0 || call->output_count < 0 || keep(program, call->function) == NULL)
            return -1;
    }
    return 0;
}

/* `turns` is None or (maker of turns, queue, what begins a turn, what wakes others). */
static int read_turns(CompiledFunction *program, PyObject *turns)
{
    if (turns == Py_None)
        return 0;
    PyObject *make, *queue, *begin, *wake;
    if (!PyTuple_Check(turns) || !PyArg_ParseTuple(turns, "OO!OO", &make, &PyList_Type, &queue, &begin, &wake)) {
        PyErr_SetString(PyExc_TypeError, "turns are None or a tuple of a callable, a list and two callables");
        return -1;
    }
    if (keep(program, turns) == NULL)
        return -1;
    program->make_turn = make;
    program->queue = queue;
    program->begin_turn = begin;
    program->wake = wake;
    return 0;
}

static int read_tables(CompiledFunction *program, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"entry",   "slots",   "arguments", "cells", "constants", "outputs",
                            "updates", "calls",   "fail",      "single", "turns", "routines", NULL};
    PyObject *entry, *slots, *argument_list, *cells, *constants, *outputs, *updates, *calls, *turns = Py_None;
    Py_ssize_t routines = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OOOOOOOOOp|On:CompiledFunction", names, &entry, &slots,
                                     &argument_list, &cells, &constants, &outputs, &updates, &calls, &program->fail,
                                     &program->single, &turns, &routines))
        return -1;
    program->routines = (const kg_routines *)routines;
    if (read_turns(program, turns) < 0)
        return -1;
    *(void **)&program->entry = PyLong_AsVoidPtr(entry);
    if (PyErr_Occurred())
        return -1;
    if (program->entry == NULL) {
        PyErr_SetString(PyExc_ValueError, "the address of a program cannot be 0");
        return -1;
    }
    if (keep(program, program->fail) == NULL || read_slots(program, slots) < 0 ||
        read_arguments(program, argument_list) < 0 || read_calls(program, calls) < 0)
        return -1;
    program->cell_count = read_cells(program, cells, "cells", &program->cells);
    if (program->cell_count < 0)
        return -1;
    program->constant_count = read_bindings(program, constants, "constants", &program->constants);
    if (program->constant_count < 0)
        return -1;
    program->update_count = read_cells(program, updates, "updates", &program->updates);
    if (program->update_count < 0)
        return -1;
    program->output_count = read_slot_numbers(program, outputs, "outputs", &program->outputs);
    if (program->output_count < 0)
        return -1;
    if (program->single && program->output_count != 1) {
        PyErr_SetString(PyExc_ValueError, "a program with a single result has one output slot");
        return -1;
    }
    return 0;
}

/* --------------------------------------------------------------------------------------------- the type -- */

static PyObject *program_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    CompiledFunction *program = (CompiledFunction *)type->tp_alloc(type, 0);
    if (program == NULL)
        return NULL;
    program->vectorcall = program_call;
    program->kept = PyList_New(0);
    if (program->kept == NULL || read_tables(program, arguments, keywords) < 0) {
        Py_DECREF(program);
        return NULL;
    }
    program->idle = state_new(program);
    if (program->idle == NULL) {
        Py_DECREF(program);
        return NULL;
    }
    return (PyObject *)program;
}

static int program_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((CompiledFunction *)self)->kept);
    return 0;
}

static int program_clear(PyObject *self)
{
    Py_CLEAR(((CompiledFunction *)self)->kept);
    return 0;
}

static void program_dealloc(PyObject *self)
{
    CompiledFunction *program = (CompiledFunction *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (program->idle != NULL)
        state_free(program->idle);
    for (Py_ssize_t i = 0; program->slots != NULL && i < program->slot_count; i++)
        Py_XDECREF(program->slots[i].dtype);
    for (Py_ssize_t i = 0; program->arguments != NULL && i < program->argument_count; i++)
        PyMem_Free(program->arguments[i].sizes);
    for (Py_ssize_t i = 0; program->calls != NULL && i < program->call_count; i++) {
        PyMem_Free(program->calls[i].inputs);
        PyMem_Free(program->calls[i].outputs);
    }
    PyMem_Free(program->slots);
    PyMem_Free(program->arguments);
    PyMem_Free(program->cells);
    PyMem_Free(program->constants);
    PyMem_Free(program->updates);
    PyMem_Free(program->outputs);
    PyMem_Free(program->calls);
    program_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(free_doc, "Give back all memory that is kept for the next call.");

static PyObject *program_free(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    CompiledFunction *program = (CompiledFunction *)self;
    CallState *state = program->idle;
    program->idle = NULL;
    if (state != NULL)
        state_free(state);
#ifdef __GLIBC__
    malloc_trim(0); /* the heap keeps for itself what it was given back */
#endif
    Py_RETURN_NONE;
}

static PyMethodDef program_methods[] = {
    {"free", program_free, METH_NOARGS, free_doc},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef program_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(CompiledFunction, vectorcall), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(program_doc, "A compiled program and the tables that say how to call it.");

static PyType_Slot program_slots[] = {
    {Py_tp_doc, (void *)program_doc},
    {Py_tp_new, program_new},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_traverse, program_traverse},
    {Py_tp_clear, program_clear},
    {Py_tp_dealloc, program_dealloc},
    {Py_tp_members, program_members},
    {Py_tp_methods, program_methods},
    {0, NULL},
};

static PyType_Spec program_spec = {
    .name = "kernelgraph_runtime.CompiledFunction",
    .basicsize = sizeof(CompiledFunction),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = program_slots,
};

static int module_exec(PyObject *module)
{
    if (PyArray_ImportNumPyAPI() < 0)
        return -1;
    PyObject *type = PyType_FromModuleAndSpec(module, &program_spec, NULL);
    if (type == NULL)
        return -1;
    int status = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return status;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "kernelgraph_runtime",
    .m_doc = "Calls compiled programs.",
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit_kernelgraph_runtime(void)
{
    return PyModuleDef_Init(&module_definition);
}
