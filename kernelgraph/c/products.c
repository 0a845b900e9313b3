/* Products of matrices by the same routines of BLAS, with the same arguments, that NumPy takes, so that the bits are
   NumPy's. A part of runtime.c.

   A matrix times its transpose is `syrk`, whose triangle is then copied; a single row or column is `gemv`, a single
   number `dot`, and all else `gemm`. What BLAS cannot read (gaps within rows, steps
   backwards), what has no elements, and what takes so long that a Ctrl-C must be heard meanwhile is left to Python:
   the call that means the same. */
typedef float float32;
typedef double float64;
typedef int64_t int64;
typedef struct { float32 re, im; } complex64;
typedef struct { float64 re, im; } complex128;

/* Routines of BLAS as in cblas.h (factors of complex numbers are pointers there, and a dot gives its result to one), and of LAPACK for doubles, some for complex numbers (two doubles each), as in Fortran:
   all arguments are pointers. Integers have 64 bits, the order is that of kernelgraph/c/blas.py. And how many terms are
   work during which others may use Python, and how many are work that a Ctrl-C must be heard in. */
#define KG_ROUTINES(number, factor, dot) struct { \
    void (*gemm)(int32_t, int32_t, int32_t, int64, int64, int64, factor, const number *, int64, \
                 const number *, int64, factor, number *, int64); \
    void (*syrk)(int32_t, int32_t, int32_t, int64, int64, factor, const number *, int64, \
                 factor, number *, int64); \
    void (*gemv)(int32_t, int32_t, int64, int64, factor, const number *, int64, \
                 const number *, int64, factor, number *, int64); \
    dot; \
}
#define KG_DOT(number) number (*dot)(int64, const number *, int64, const number *, int64)
#define KG_DOT_TO(number) void (*dot)(int64, const number *, int64, const number *, int64, number *)
typedef const int64 *kg_size; /* or an option, for Fortran */
typedef struct {
    void (*gesv)(kg_size n, kg_size m, float64 *a, kg_size lda, int64 *rows, float64 *b, kg_size ldb, int64 *info);
    void (*getrf)(kg_size m, kg_size n, float64 *a, kg_size lda, int64 *rows, int64 *info);
    void (*potrf)(const char *uplo, kg_size n, float64 *a, kg_size lda, int64 *info);
    void (*trtrs)(const char *uplo, const char *trans, const char *diag, kg_size n, kg_size m, const float64 *a,
                  kg_size lda, float64 *b, kg_size ldb, int64 *info);
    void (*geqrf)(kg_size m, kg_size n, float64 *a, kg_size lda, float64 *tau, float64 *work, kg_size lwork,
                  int64 *info);
    void (*orgqr)(kg_size m, kg_size n, kg_size k, float64 *a, kg_size lda, const float64 *tau, float64 *work,
                  kg_size lwork, int64 *info);
} kg_factors;
typedef struct {
    void (*syevd)(const char *job, const char *uplo, kg_size n, float64 *a, kg_size lda, float64 *w, float64 *work,
                  kg_size lwork, int64 *iwork, kg_size liwork, int64 *info);
    void (*heevd)(const char *job, const char *uplo, kg_size n, float64 *a, kg_size lda, float64 *w, float64 *work,
                  kg_size lwork, float64 *rwork, kg_size lrwork, int64 *iwork, kg_size liwork, int64 *info);
    void (*gesdd)(const char *job, kg_size m, kg_size n, float64 *a, kg_size lda, float64 *s, float64 *u, kg_size ldu,
                  float64 *vt, kg_size ldvt, float64 *work, kg_size lwork, int64 *iwork, int64 *info);
    void (*complex_gesdd)(const char *job, kg_size m, kg_size n, float64 *a, kg_size lda, float64 *s, float64 *u,
                          kg_size ldu, float64 *vt, kg_size ldvt, float64 *work, kg_size lwork, float64 *rwork,
                          int64 *iwork, int64 *info);
    void (*geev)(const char *left, const char *right, kg_size n, float64 *a, kg_size lda, float64 *re, float64 *im,
                 float64 *vl, kg_size ldvl, float64 *vr, kg_size ldvr, float64 *work, kg_size lwork, int64 *info);
    void (*complex_geev)(const char *left, const char *right, kg_size n, float64 *a, kg_size lda, float64 *w,
                         float64 *vl, kg_size ldvl, float64 *vr, kg_size ldvr, float64 *work, kg_size lwork,
                         float64 *rwork, int64 *info);
} kg_lapack;
struct kg_routines {
    KG_ROUTINES(float32, float32, KG_DOT(float32)) float32_;
    KG_ROUTINES(float64, float64, KG_DOT(float64)) float64_;
    KG_ROUTINES(complex64, const complex64 *, KG_DOT_TO(complex64)) complex64_;
    KG_ROUTINES(complex128, const complex128 *, KG_DOT_TO(complex128)) complex128_;
    kg_factors factors, complex_factors;
    kg_lapack lapack;
    double noticed, too_long;
};

enum { ROWS = 101, COLUMNS = 102, UPPER = 121 };
/* A matrix as it is used: steps from row to row and from column to column, in elements. `lines` is
   how far apart its rows lie, or its columns if it lies transposed; 0 if BLAS cannot read it. `whole`: whether its
   steps are elements at all, which those of a field of records may not be. */
typedef struct { int64 rows, columns, row, column, lines; int32_t order, whole; } kg_matrix;
static kg_matrix matrix(const kg_value *value, int batches, int32_t order, int64 item) {
    const int flip = order == KG_TRANSPOSED;
    const int64 *shape = value->shape + batches, *strides = value->strides + batches;
    const int whole = strides[0] % item == 0 && strides[1] % item == 0;
    kg_matrix m = {shape[flip], shape[!flip], strides[flip] / item, strides[!flip] / item, 0, KG_AS_IT_IS, whole};
    if (m.column == 1 && m.row >= m.columns) m.lines = m.row;
    else if (m.row == 1 && m.column >= m.rows) m.lines = m.column, m.order = KG_TRANSPOSED;
    return m;
}
/* Whether BLAS can read both, and there is work that is not done with by a loop. */
static int fit(kg_matrix x, kg_matrix y) {
    if (x.rows == 0 || x.columns == 0 || y.columns == 0 || !x.whole || !y.whole) return 0;
    if (x.columns == 1) return 1;
    return (x.rows == 1 ? x.column > 0 : x.lines > 0) && (y.columns == 1 ? y.row > 0 : y.lines > 0);
}

static int64 item_size(int type)
{
    return type == NPY_FLOAT ? sizeof(float32) : type == NPY_CDOUBLE ? sizeof(complex128) : sizeof(float64);
}

static const kg_routines *routines_for(kg_host *host, double terms)
{
    const kg_routines *known = ((CallState *)host)->program->routines;
    return known != NULL && terms < known->too_long ? known : NULL;
}

/* Others may use Python while something takes its time; NULL if it does not. */
static PyThreadState *leave_python(const kg_routines *blas, double terms)
{
    return terms >= blas->noticed ? PyEval_SaveThread() : NULL;
}

static void enter_python(PyThreadState *left)
{
    if (left != NULL)
        PyEval_RestoreThread(left);
}

/* What a number is multiplied with by BLAS, a product of two, and a sum of products: 0 is added, so that none is -0. */
#define KG_NUMBERS(number) \
    static const number one_##number = 1, zero_##number = 0; \
    static number dot_##number(const kg_routines *blas, int64 k, const number *x, int64 along, const number *y, \
                               int64 down) { return (number)0 + blas->number##_.dot(k, x, along, y, down); }
#define KG_PAIRS(number) \
    static const number one_##number[1] = {{1, 0}}, zero_##number[1] = {{0, 0}}; \
    static number dot_##number(const kg_routines *blas, int64 k, const number *x, int64 along, const number *y, \
                               int64 down) { \
        number sum; \
        blas->number##_.dot(k, x, along, y, down, &sum); \
        return (number){0 + sum.re, 0 + sum.im}; \
    }
KG_NUMBERS(float32)
KG_NUMBERS(float64)
KG_PAIRS(complex64)
KG_PAIRS(complex128)
#define product_float32(x, y) ((float32)0 + (x) * (y))
#define product_float64(x, y) ((float64)0 + (x) * (y))
#define product_complex64(x, y) KG_PAIR(complex64, x, y)
#define product_complex128(x, y) KG_PAIR(complex128, x, y)
#define KG_PAIR(number, x, y) \
    (number){0 + ((x).re * (y).re - (x).im * (y).im), 0 + ((x).re * (y).im + (x).im * (y).re)}

#ifdef __clang__
#define VECTORS_float32
#else
#define VECTORS_float32 __attribute__((optimize("O3"))) /* the rest of the runtime has no loops that count */
#endif
#define VECTORS_float64 VECTORS_float32
#define VECTORS_complex64 /* with it, gcc would contract products and sums, whatever it was told */
#define VECTORS_complex128

#include "multiply.c"

/* One product of matrices of numbers of a type. */
static void multiply(const kg_routines *blas, int type, kg_matrix x, const void *a, kg_matrix y, const void *b,
                     void *result)
{
    switch (type) {
    case NPY_FLOAT: multiply_float32(blas, x, a, y, b, result); break;
    case NPY_DOUBLE: multiply_float64(blas, x, a, y, b, result); break;
    case NPY_CFLOAT: multiply_complex64(blas, x, a, y, b, result); break;
    default: multiply_complex128(blas, x, a, y, b, result);
    }
}

/* One product, or, where there is an axis in front of rows and columns (`batches`), as many as it is long. */
static int32_t host_product(kg_host *host, int32_t left, int32_t left_order, int32_t right, int32_t right_order,
                            int32_t slot, int32_t no_room, int32_t call)
{
    const kg_value *values = host->values;
    const Slot *kind = &((CallState *)host)->program->slots[slot];
    const int64 item = item_size(kind->type);
    const int batches = kind->rank - 2;
    const kg_matrix x = matrix(&values[left], batches, left_order, item);
    const kg_matrix y = matrix(&values[right], batches, right_order, item);
    const int64 count = batches ? values[left].shape[0] : 1;
    const double terms = (double)count * (double)x.rows * (double)x.columns * (double)y.columns;
    const kg_routines *blas = routines_for(host, terms);
    if (blas == NULL || !fit(x, y))
        return host->call(host, call) ? KG_PYTHON_ERROR : KG_DONE;
    if (host->allocate(host, slot, batches ? (int64[]){count, x.rows, y.columns} : (int64[]){x.rows, y.columns}))
        return no_room;
    PyThreadState *others = leave_python(blas, terms);
    const char *a = values[left].data, *b = values[right].data;
    char *result = values[slot].data;
    for (int64 k = 0; k < count; k++, result += x.rows * y.columns * item) {
        multiply(blas, kind->type, x, a, y, b, result);
        if (k + 1 < count)
            a += values[left].strides[0], b += values[right].strides[0];
    }
    enter_python(others);
    return KG_DONE;
}
