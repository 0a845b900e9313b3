#ifndef KG_HOST_H
#define KG_HOST_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* What a compiled program and the process that runs it say to each other.

   A program is one C function, `int32_t kg_<name>(kg_host *host)`. It knows nothing of Python: its inputs stand
   ready in numbered slots, and whatever else it needs (memory, a Python call, a look at the keyboard) it asks of
   the host. It returns KG_DONE, KG_PYTHON_ERROR when something it asked for failed, KG_NO_ROOM and as much more
   as the number of its request when there was no memory, or KG_PROGRAM_ERROR after it has filled `error_*`. */

#define KG_ABI_VERSION 6
#define KG_EXPORT __attribute__((visibility("default")))

enum { KG_DONE = 0, KG_PYTHON_ERROR = 1, KG_PROGRAM_ERROR = 2, KG_NO_ROOM = 3 };
enum { KG_AS_IT_IS = 111, KG_TRANSPOSED = 112 };

/* Work of LAPACK with matrices, in the order of the table in lapack.c. */
enum {
    KG_SOLUTION, KG_TRIANGULAR_SOLUTION, KG_INVERSE, KG_DETERMINANT, KG_SIGN_AND_LOG, KG_CHOLESKY,
    KG_EIGENVALUES, KG_EIGENVECTORS, KG_ALL_EIGENVECTORS, KG_SINGULAR_VALUES, KG_SVD, KG_R, KG_QR
};

/* One value of the function: where its numbers are. */
typedef struct kg_value {
    char *data;
    const int64_t *shape;
    const int64_t *strides; /* in bytes */
    void *object;           /* the Python object that owns the numbers */
} kg_value;

typedef struct kg_host kg_host;

struct kg_host {
    kg_value *values; /* the slots: inputs, outputs, operands of Python calls */

    /* A fresh C-contiguous array of the slot's dtype and rank, replacing what the slot held. 0, or 1 on failure. */
    int32_t (*allocate)(kg_host *host, int32_t slot, const int64_t *shape);

    /* Run Python call number `call`: it reads its input slots and fills its output slots. 0, or 1 on failure. */
    int32_t (*call)(kg_host *host, int32_t call);

    /* 0, or not 0 when the user pressed Ctrl-C: the program should then return KG_PYTHON_ERROR at once. */
    int32_t (*poll)(kg_host *host);

    /* Where the slot's array has gaps along its last axes, a copy in the order of indices replaces it. 0, or 1 when
       there is no memory. */
    int32_t (*pack)(kg_host *host, int32_t slot, int32_t axes);

    /* Memory for temporaries, aligned to 64 bytes, in the manner of a stack: `release` gives back all that was
       taken since `mark`; the end of the call gives back the rest. NULL when there is none. */
    void *(*scratch)(kg_host *host, int64_t bytes);
    int64_t (*mark)(kg_host *host);
    void (*release)(kg_host *host, int64_t mark);

    /* The product of two matrices, each as it is or transposed, into `slot`; and work of LAPACK, whose `slots` are
       those of its operands, then of its results. Where that fails, it is an error of `check`. What a library cannot
       do, Python call number `call` does. KG_DONE, or what the program should then return at once: for want of memory
       `no_room`, or as much more as the number of the result that there was none for. */
    int32_t (*product)(kg_host *host, int32_t left, int32_t left_order, int32_t right, int32_t right_order,
                       int32_t slot, int32_t no_room, int32_t call);
    int32_t (*lapack)(kg_host *host, int32_t work, int32_t option, const int32_t *slots, int32_t no_room,
                      int32_t check, int32_t call);

    /* What went wrong, and in which node of the graph, when the program returns KG_PROGRAM_ERROR. */
    int32_t error_code;
    int32_t error_node;
    int64_t error_detail[4];

    /* 0, or 1 more than the number of the first check of which the caller is to be warned. */
    int32_t warning;
};

#endif
