/* Work with matrices by the routines of LAPACK, with the arguments that NumPy gives them. A part of runtime.c.

   A table has a function for each kind of work. Fortran wants columns side by side, so operands are copied that way,
   as doubles, in which NumPy works with floats, too; results are copied back. A complex number is two doubles, its
   `parts`; routines of the same name take both. Axes in front of those of a matrix make a stack: the work is done with
   one item of each operand after the other, and where an operand has size 1, with the same one again. What has no
   elements, and a matrix that takes so long that a Ctrl-C must be heard meanwhile, is left to Python: the call that
   means the same. */
enum { MOST_OPERANDS = 2 };
typedef struct {
    kg_host *host;
    const kg_routines *all;
    const kg_lapack *lapack;
    const kg_factors *factors;         /* of numbers with so many parts */
    int64 parts;
    const int32_t *operands, *results; /* slots */
    int32_t option, no_room, check;
    double terms;                      /* how much work it is, about */
    int64 info;                        /* what routines say: not 0 if they failed */
    int axes;                          /* in front of those of an item, and the sizes of the stack along them */
    int64 sizes[NPY_MAXDIMS], number;  /* of the item at work */
    kg_value items[MOST_OPERANDS];
} kg_work;

static const kg_value *operand(const kg_work *w, int k) { return &w->items[k]; }
static int full_rank(const kg_work *w, int32_t slot) { return ((CallState *)w->host)->program->slots[slot].rank; }
/* Of an item. */
static int rank_of(const kg_work *w, int32_t slot) { return full_rank(w, slot) - w->axes; }
static int64 smaller(int64 a, int64 b) { return a < b ? a : b; }

/* Memory for so many numbers (or integers); NULL when there is none. */
static void *room(const kg_work *w, int64 count)
{
    return w->host->scratch(w->host, (count > 0 ? count : 1) * w->parts * (int64)sizeof(float64));
}

static int type_of(const kg_work *w, int32_t slot) { return ((CallState *)w->host)->program->slots[slot].type; }
static int is_single(int type) { return type == NPY_FLOAT || type == NPY_CFLOAT; }
static int64 parts_of(int type) { return type == NPY_CFLOAT || type == NPY_CDOUBLE ? 2 : 1; }

static void to_doubles(const char *from, int single, int64 parts, float64 *to)
{
    for (int64 k = 0; k < parts; k++)
        to[k] = single ? (float64)((const float32 *)from)[k] : ((const float64 *)from)[k];
}

static char *from_doubles(const float64 *from, int single, int64 parts, char *to)
{
    for (int64 k = 0; k < parts; k++)
        if (single)
            ((float32 *)to)[k] = (float32)from[k];
        else
            ((float64 *)to)[k] = from[k];
    return to + parts * (int64)(single ? sizeof(float32) : sizeof(float64));
}

/* The columns of an operand one after the other, each with room for `lines` numbers; a vector is one column. */
static float64 *columns_of(const kg_work *w, int k, int64 lines)
{
    const kg_value *value = operand(w, k);
    const int is_matrix = rank_of(w, w->operands[k]) == 2;
    const int64 rows = value->shape[0], columns = is_matrix ? value->shape[1] : 1;
    const int64 step = is_matrix ? value->strides[1] : 0;
    const int single = is_single(type_of(w, w->operands[k]));
    float64 *const to = room(w, lines * columns);
    for (int64 j = 0; to != NULL && j < columns; j++)
        for (int64 i = 0; i < rows; i++)
            to_doubles(value->data + i * value->strides[0] + j * step, single, w->parts,
                       to + (j * lines + i) * w->parts);
    return to;
}

/* Result number k: rows and columns from where columns are `lines` apart. KG_DONE or what the program should return.
   The first item asks for memory for all. */
static int32_t give(const kg_work *w, int k, const int64 *shape, int64 rows, int64 columns, const float64 *from,
                    int64 lines)
{
    const int32_t slot = w->results[k];
    int64 sizes[NPY_MAXDIMS];
    memcpy(sizes, w->sizes, (size_t)w->axes * sizeof *sizes);
    memcpy(sizes + w->axes, shape, (size_t)rank_of(w, slot) * sizeof *sizes);
    if (w->number == 0 && w->host->allocate(w->host, slot, sizes))
        return w->no_room + k;
    const int single = is_single(type_of(w, slot));
    const int64 parts = parts_of(type_of(w, slot));
    const int64 size = rows * columns * parts * (int64)(single ? sizeof(float32) : sizeof(float64));
    char *to = w->host->values[slot].data + w->number * size;
    for (int64 i = 0; i < rows; i++)
        for (int64 j = 0; j < columns; j++)
            to = from_doubles(from + (j * lines + i) * parts, single, parts, to);
    return KG_DONE;
}

static int32_t give_matrix(const kg_work *w, int k, int64 rows, int64 columns, const float64 *from, int64 lines)
{
    return give(w, k, (int64[]){rows, columns}, rows, columns, from, lines);
}

static int32_t give_vector(const kg_work *w, int k, int64 count, const float64 *from)
{
    return give(w, k, &count, 1, count, from, 1);
}

static int32_t give_number(const kg_work *w, int k, const float64 *number)
{
    return give(w, k, (int64[]){0}, 1, 1, number, 1);
}

/* Of an item that it could not work with, its number in the stack and the first sizes of that are told. */
static int32_t failed(const kg_work *w)
{
    w->host->error_detail[0] = w->number;
    for (int axis = 0; axis < 3; axis++)
        w->host->error_detail[1 + axis] = axis < w->axes ? w->sizes[axis] : 1;
    w->host->error_code = w->host->error_node = w->check;
    return KG_PROGRAM_ERROR;
}

/* A routine at work, during which others may use Python if it takes its time. */
#define WORK(w, call) do { \
    PyThreadState *others = leave_python((w)->all, (w)->terms); \
    call; \
    enter_python(others); \
} while (0)

/* ------------------------------------------------------------------------------------------------- equations -- */

/* x of a x = b. */
static int32_t solution(kg_work *w)
{
    const kg_value *b = operand(w, 1);
    const int64 n = operand(w, 0)->shape[0], m = rank_of(w, w->operands[1]) == 2 ? b->shape[1] : 1;
    float64 *const a = columns_of(w, 0, n), *const x = a == NULL ? NULL : columns_of(w, 1, n);
    int64 *const rows = x == NULL ? NULL : room(w, n);
    if (rows == NULL)
        return w->no_room;
    WORK(w, w->factors->gesv(&n, &m, a, &n, rows, x, &n, &w->info));
    return w->info ? failed(w) : give(w, 0, b->shape, n, m, x, n);
}

/* The same for a triangle a; option: 1 for the lower one, 2 for a diagonal of ones. */
static int32_t triangular_solution(kg_work *w)
{
    const kg_value *b = operand(w, 1);
    const int64 n = operand(w, 0)->shape[0], m = rank_of(w, w->operands[1]) == 2 ? b->shape[1] : 1;
    float64 *const a = columns_of(w, 0, n), *const x = a == NULL ? NULL : columns_of(w, 1, n);
    if (x == NULL)
        return w->no_room;
    const char *uplo = w->option & 1 ? "L" : "U", *diagonal = w->option & 2 ? "U" : "N";
    WORK(w, w->factors->trtrs(uplo, "N", diagonal, &n, &m, a, &n, x, &n, &w->info));
    return w->info ? failed(w) : give(w, 0, b->shape, n, m, x, n);
}

static int32_t inverse(kg_work *w)
{
    const int64 n = operand(w, 0)->shape[0];
    float64 *const a = columns_of(w, 0, n), *const x = a == NULL ? NULL : room(w, n * n);
    int64 *const rows = x == NULL ? NULL : room(w, n);
    if (rows == NULL)
        return w->no_room;
    for (int64 i = 0; i < n * n * w->parts; i++)
        x[i] = i % ((n + 1) * w->parts) == 0;
    WORK(w, w->factors->gesv(&n, &n, a, &n, rows, x, &n, &w->info));
    return w->info ? failed(w) : give_matrix(w, 0, n, n, x, n);
}

/* -------------------------------------------------------------------------------------- one number, one triangle -- */

/* The sign of a determinant (two parts), and the logarithm of its magnitude; 0 and -infinity of a singular matrix. 0
   for want of memory. */
static int sign_and_log_of(kg_work *w, float64 sign[2], float64 *logarithm)
{
    const int64 n = operand(w, 0)->shape[0];
    float64 *const a = columns_of(w, 0, n);
    int64 *const rows = a == NULL ? NULL : room(w, n);
    if (rows == NULL)
        return 0;
    WORK(w, w->factors->getrf(&n, &n, a, &n, rows, &w->info));
    sign[0] = w->info > 0 ? 0 : 1, sign[1] = 0, *logarithm = w->info > 0 ? -INFINITY : 0;
    for (int64 i = 0; i < n && w->info == 0; i++) {
        const float64 *const pivot = &a[i * (n + 1) * w->parts], other = rows[i] == i + 1 ? 1 : -1;
        const float64 size = w->parts == 2 ? hypot(pivot[0], pivot[1]) : fabs(pivot[0]);
        const float64 x = w->parts == 2 ? other * pivot[0] / size : pivot[0] < 0 ? -other : other;
        const float64 y = w->parts == 2 ? other * pivot[1] / size : 0, before = sign[0];
        sign[0] = before * x - sign[1] * y, sign[1] = before * y + sign[1] * x;
        *logarithm += log(size);
    }
    return 1;
}

static int32_t determinant(kg_work *w)
{
    float64 sign[2], logarithm;
    if (!sign_and_log_of(w, sign, &logarithm))
        return w->no_room;
    return give_number(w, 0, (float64[]){sign[0] * exp(logarithm), sign[1] * exp(logarithm)});
}

static int32_t sign_and_log(kg_work *w)
{
    float64 sign[2], logarithm;
    if (!sign_and_log_of(w, sign, &logarithm))
        return w->no_room;
    const int32_t status = give_number(w, 0, sign);
    return status ? status : give_number(w, 1, &logarithm);
}

/* What lies above or below the diagonal becomes 0. */
static void clear(const kg_work *w, float64 *a, int64 rows, int64 columns, int above)
{
    for (int64 j = 0; j < columns; j++)
        for (int64 i = 0; i < rows; i++)
            for (int64 k = 0; k < w->parts && (above ? i < j : i > j); k++)
                a[(j * rows + i) * w->parts + k] = 0;
}

static int32_t cholesky(kg_work *w)
{
    const int64 n = operand(w, 0)->shape[0];
    float64 *const a = columns_of(w, 0, n);
    if (a == NULL)
        return w->no_room;
    WORK(w, w->factors->potrf("L", &n, a, &n, &w->info));
    if (w->info)
        return failed(w);
    clear(w, a, n, n, 1);
    return give_matrix(w, 0, n, n, a, n);
}

/* --------------------------------------------------------------------------------- eigenvalues, singular values -- */

/* Of a symmetric matrix; option: 1 for the lower triangle, which is read alone. */
static int32_t eigenvalues_by(kg_work *w, const char *job)
{
    const int64 n = operand(w, 0)->shape[0], ask = -1;
    const char *uplo = w->option & 1 ? "L" : "U";
    float64 *const a = columns_of(w, 0, n), *const values = a == NULL ? NULL : room(w, n);
    float64 wanted[2] = {0, 0}, reals = 0;
    int64 integers = 0;
    if (values == NULL)
        return w->no_room;
    if (w->parts == 2)
        w->lapack->heevd(job, uplo, &n, a, &n, values, wanted, &ask, &reals, &ask, &integers, &ask, &w->info);
    else
        w->lapack->syevd(job, uplo, &n, a, &n, values, wanted, &ask, &integers, &ask, &w->info);
    const int64 count = (int64)wanted[0], real_count = (int64)reals;
    float64 *const work = room(w, count), *const rwork = work == NULL ? NULL : room(w, real_count);
    int64 *const iwork = rwork == NULL ? NULL : room(w, integers);
    if (iwork == NULL)
        return w->no_room;
    if (w->parts == 2)
        WORK(w, w->lapack->heevd(job, uplo, &n, a, &n, values, work, &count, rwork, &real_count, iwork, &integers,
                                 &w->info));
    else
        WORK(w, w->lapack->syevd(job, uplo, &n, a, &n, values, work, &count, iwork, &integers, &w->info));
    if (w->info)
        return failed(w);
    const int32_t status = give_vector(w, 0, n, values);
    return status || *job == 'N' ? status : give_matrix(w, 1, n, n, a, n);
}
static int32_t eigenvalues(kg_work *w) { return eigenvalues_by(w, "N"); }
static int32_t eigenvectors(kg_work *w) { return eigenvalues_by(w, "V"); }

/* How many real numbers gesdd wants beside its workspace, as its documentation says. */
static int64 reals_of_svd(int64 m, int64 n, const char *job)
{
    const int64 k = smaller(m, n), more = m > n ? m : n;
    const int64 square = 5 * k * k + 5 * k, wide = 2 * more * k + 2 * k * k + k;
    return *job == 'N' ? 7 * k : square > wide ? square : wide;
}

/* a = u s vt; job: "N" for s alone, "A" for all columns of u and v, "S" for as many as there are singular values. */
static int32_t singular_values_by(kg_work *w, const char *job)
{
    const int64 m = operand(w, 0)->shape[0], n = operand(w, 0)->shape[1], k = smaller(m, n), ask = -1;
    const int64 left = *job == 'A' ? m : *job == 'S' ? k : 0, right = *job == 'A' ? n : *job == 'S' ? k : 0;
    const int64 lines = right ? right : 1;
    float64 *const a = columns_of(w, 0, m), *const s = a == NULL ? NULL : room(w, k);
    float64 *const u = s == NULL ? NULL : room(w, m * left), *const vt = u == NULL ? NULL : room(w, right * n);
    int64 *const iwork = vt == NULL ? NULL : room(w, 8 * k);
    float64 *const rwork = iwork == NULL ? NULL : room(w, w->parts == 1 ? 1 : reals_of_svd(m, n, job));
    if (rwork == NULL)
        return w->no_room;
    float64 wanted[2] = {0, 0};
    if (w->parts == 2)
        w->lapack->complex_gesdd(job, &m, &n, a, &m, s, u, &m, vt, &lines, wanted, &ask, rwork, iwork, &w->info);
    else
        w->lapack->gesdd(job, &m, &n, a, &m, s, u, &m, vt, &lines, wanted, &ask, iwork, &w->info);
    const int64 count = wanted[0] < 1 ? 1 : (int64)wanted[0];
    float64 *const work = room(w, count);
    if (work == NULL)
        return w->no_room;
    if (w->parts == 2)
        WORK(w, w->lapack->complex_gesdd(job, &m, &n, a, &m, s, u, &m, vt, &lines, work, &count, rwork, iwork,
                                         &w->info));
    else
        WORK(w, w->lapack->gesdd(job, &m, &n, a, &m, s, u, &m, vt, &lines, work, &count, iwork, &w->info));
    if (w->info)
        return failed(w);
    if (*job == 'N')
        return give_vector(w, 0, k, s);
    int32_t status = give_matrix(w, 0, m, left, u, m);
    status = status ? status : give_vector(w, 1, k, s);
    return status ? status : give_matrix(w, 2, right, n, vt, lines);
}
static int32_t singular_values(kg_work *w) { return singular_values_by(w, "N"); }
static int32_t svd(kg_work *w) { return singular_values_by(w, w->option ? "A" : "S"); }

/* Eigenvalues and eigenvectors (columns) of any matrix of real numbers: LAPACK gives pairs that are conjugates as the
   real parts in one column, the imaginary parts in the next. */
static int32_t eigenvectors_of_real(kg_work *w, int64 n, float64 *a)
{
    const int64 ask = -1, one = 1;
    float64 *const values = room(w, 2 * n), *const v = values == NULL ? NULL : room(w, n * n);
    float64 *const pairs = v == NULL ? NULL : room(w, 2 * n * n);
    if (pairs == NULL)
        return w->no_room;
    float64 wanted = 0;
    w->lapack->geev("N", "V", &n, a, &n, values, values + n, NULL, &one, v, &n, &wanted, &ask, &w->info);
    const int64 count = (int64)wanted;
    float64 *const work = room(w, count), *const numbers = work == NULL ? NULL : room(w, 2 * n);
    if (numbers == NULL)
        return w->no_room;
    WORK(w, w->lapack->geev("N", "V", &n, a, &n, values, values + n, NULL, &one, v, &n, work, &count, &w->info));
    if (w->info)
        return failed(w);
    for (int64 j = 0; j < n; j++) {
        const float64 side = values[n + j];
        const float64 *const re = v + (side < 0 ? j - 1 : j) * n, *const im = v + (side < 0 ? j : j + 1) * n;
        numbers[2 * j] = values[j], numbers[2 * j + 1] = side;
        for (int64 i = 0; i < n; i++) {
            pairs[2 * (j * n + i)] = re[i];
            pairs[2 * (j * n + i) + 1] = side == 0 ? 0 : side < 0 ? -im[i] : im[i];
        }
    }
    const int32_t status = give_vector(w, 0, n, numbers);
    return status ? status : give_matrix(w, 1, n, n, pairs, n);
}

/* The same of complex numbers. */
static int32_t eigenvectors_of_complex(kg_work *w, int64 n, float64 *a)
{
    const int64 ask = -1, one = 1;
    float64 *const values = room(w, n), *const v = values == NULL ? NULL : room(w, n * n);
    float64 *const reals = v == NULL ? NULL : room(w, 2 * n);
    if (reals == NULL)
        return w->no_room;
    float64 wanted[2] = {0, 0};
    w->lapack->complex_geev("N", "V", &n, a, &n, values, NULL, &one, v, &n, wanted, &ask, reals, &w->info);
    const int64 count = (int64)wanted[0];
    float64 *const work = room(w, count);
    if (work == NULL)
        return w->no_room;
    WORK(w, w->lapack->complex_geev("N", "V", &n, a, &n, values, NULL, &one, v, &n, work, &count, reals, &w->info));
    if (w->info)
        return failed(w);
    const int32_t status = give_vector(w, 0, n, values);
    return status ? status : give_matrix(w, 1, n, n, v, n);
}

/* Eigenvalues and eigenvectors (columns) of any matrix. */
static int32_t all_eigenvectors(kg_work *w)
{
    const int64 n = operand(w, 0)->shape[0];
    float64 *const a = columns_of(w, 0, n);
    if (a == NULL)
        return w->no_room;
    for (int64 i = 0; i < n * n * w->parts; i++)
        if (!isfinite(a[i])) { /* geev would go on for ever */
            w->info = 1;
            return failed(w);
        }
    return w->parts == 2 ? eigenvectors_of_complex(w, n, a) : eigenvectors_of_real(w, n, a);
}

/* ------------------------------------------------------------------------------------------------------- a = q r -- */

/* q has as many columns as `a` has rows if `full`, else as there are columns in both. Without q, only r. */
static int32_t qr_by(kg_work *w, int with_q)
{
    const int64 m = operand(w, 0)->shape[0], n = operand(w, 0)->shape[1], k = smaller(m, n), ask = -1;
    const int64 columns = with_q && w->option ? m : k, wide = columns > n ? columns : n;
    float64 *const a = columns_of(w, 0, m), *const tau = a == NULL ? NULL : room(w, k);
    float64 *const q = tau == NULL ? NULL : room(w, m * wide), wanted[2] = {0, 0};
    if (q == NULL)
        return w->no_room;
    w->factors->geqrf(&m, &n, a, &m, tau, wanted, &ask, &w->info);
    int64 count = wanted[0] < n ? n : (int64)wanted[0];
    w->factors->orgqr(&m, &columns, &k, q, &m, tau, wanted, &ask, &w->info);
    count = wanted[0] > count ? (int64)wanted[0] : count;
    float64 *const work = room(w, count);
    if (work == NULL)
        return w->no_room;
    WORK(w, w->factors->geqrf(&m, &n, a, &m, tau, work, &count, &w->info));
    memcpy(q, a, (size_t)(m * n * w->parts) * sizeof *q);
    if (with_q)
        WORK(w, w->factors->orgqr(&m, &columns, &k, q, &m, tau, work, &count, &w->info));
    clear(w, a, m, n, 0);
    const int32_t status = with_q ? give_matrix(w, 0, m, columns, q, m) : KG_DONE;
    return status ? status : give_matrix(w, with_q, columns, n, a, m);
}
static int32_t r_alone(kg_work *w) { return qr_by(w, 0); }
static int32_t qr(kg_work *w) { return qr_by(w, 1); }

/* ----------------------------------------------------------------------------------------------------- the table -- */

static const struct { int32_t (*run)(kg_work *); int operands; } kg_works[] = {
    [KG_SOLUTION] = {solution, 2}, [KG_TRIANGULAR_SOLUTION] = {triangular_solution, 2}, [KG_INVERSE] = {inverse, 1},
    [KG_DETERMINANT] = {determinant, 1}, [KG_SIGN_AND_LOG] = {sign_and_log, 1}, [KG_CHOLESKY] = {cholesky, 1},
    [KG_EIGENVALUES] = {eigenvalues, 1}, [KG_EIGENVECTORS] = {eigenvectors, 1},
    [KG_ALL_EIGENVECTORS] = {all_eigenvectors, 1}, [KG_SINGULAR_VALUES] = {singular_values, 1}, [KG_SVD] = {svd, 1},
    [KG_R] = {r_alone, 1}, [KG_QR] = {qr, 1},
};

/* The sizes of a stack: those of operands that are not 1. Whether there is nothing in any of them. */
static int find_sizes(kg_work *w, int operands)
{
    int empty = 0;
    for (int axis = 0; axis < w->axes; axis++)
        w->sizes[axis] = 1;
    for (int k = 0; k < operands; k++) {
        const kg_value *value = &w->host->values[w->operands[k]];
        for (int axis = 0; axis < full_rank(w, w->operands[k]); axis++) {
            empty |= value->shape[axis] == 0;
            if (axis < w->axes && value->shape[axis] != 1)
                w->sizes[axis] = value->shape[axis];
        }
    }
    return empty;
}

/* Where the item with this number lies in each operand. */
static void find_items(kg_work *w, int operands, int64 number)
{
    w->number = number;
    for (int k = 0; k < operands; k++) {
        const kg_value *value = &w->host->values[w->operands[k]];
        char *data = value->data;
        int64 left = number;
        for (int axis = w->axes - 1; axis >= 0; left /= w->sizes[axis--])
            data += value->shape[axis] == 1 ? 0 : left % w->sizes[axis] * value->strides[axis];
        w->items[k] = (kg_value){data, value->shape + w->axes, value->strides + w->axes, value->object};
    }
}

/* The work with all items of a stack. What has added up is heard of by others and by a Ctrl-C. */
static int32_t each_item(kg_work *w, int32_t (*run)(kg_work *), int operands, double terms)
{
    int64 count = 1;
    for (int axis = 0; axis < w->axes; axis++)
        count *= w->sizes[axis];
    for (int64 number = 0; number < count; number++) {
        find_items(w, operands, number);
        w->terms += terms;
        const int64 mark = w->host->mark(w->host);
        const int32_t status = run(w);
        w->host->release(w->host, mark);
        if (status)
            return status;
        if (w->terms >= w->all->noticed) {
            w->terms = 0;
            if (w->host->poll(w->host))
                return KG_PYTHON_ERROR;
        }
    }
    return KG_DONE;
}

static int32_t host_lapack(kg_host *host, int32_t work, int32_t option, const int32_t *slots, int32_t no_room,
                           int32_t check, int32_t call)
{
    const int operands = kg_works[work].operands;
    kg_work w = {.host = host, .parts = 1, .operands = slots, .results = slots + operands, .option = option,
                 .no_room = no_room, .check = check};
    w.axes = full_rank(&w, slots[0]) - 2;
    const int64 *shape = host->values[slots[0]].shape + w.axes;
    const double terms = (double)shape[0] * (double)shape[0] * (double)shape[1];
    w.all = routines_for(host, terms);
    if (w.all == NULL || find_sizes(&w, operands))
        return host->call(host, call) ? KG_PYTHON_ERROR : KG_DONE;
    w.lapack = &w.all->lapack;
    w.parts = parts_of(type_of(&w, slots[0]));
    w.factors = w.parts == 2 ? &w.all->complex_factors : &w.all->factors;
    return each_item(&w, kg_works[work].run, operands, terms);
}
