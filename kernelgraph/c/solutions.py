"""C for systems of linear equations: LAPACK's gesv, as NumPy calls it, for the same bits.

Fortran wants columns side by side, so matrix and right side are copied that way, as doubles, in
which NumPy solves equations of floats, too. What has no elements, and what takes so long that a
Ctrl-C must be heard meanwhile, is left to Python.
"""

from __future__ import annotations

from kernelgraph.c.blas import LIBRARY
from kernelgraph.c.prelude import FAIL
from kernelgraph.c.products import with_limits
from kernelgraph.templates import Helper

_SOLVE = """\
/* A matrix of a value, column by column. */
static void columns_REAL(const kg_value *value, int64 rows, int64 columns, int64 step,
                         float64 *to) {
    for (int64 j = 0; j < columns; j++)
        for (int64 i = 0; i < rows; i++)
            *to++ = *(const REAL *)(value->data + i * value->strides[0] + j * step);
}
/* x with a x = b, into a slot; a singular matrix is an error of `check`. */
static int32_t solve_REAL(kg_host *host, const kg_value *a, const kg_value *b, int32_t rank,
                          int32_t slot, int32_t no_room, int32_t call, int32_t check) {
    const int64 n = a->shape[0], m = rank == 2 ? b->shape[1] : 1;
    const float64 terms = (float64)n * (float64)n * (float64)n;
    if (host->library == NULL || n == 0 || m == 0 || terms >= LONG)
        return host->call(host, call) ? KG_PYTHON_ERROR : KG_DONE;
    if (host->allocate(host, slot, b->shape)) return no_room;
    float64 *const triangles = host->scratch(host, n * n * (int64)sizeof(float64));
    float64 *const x = triangles == NULL ? NULL : host->scratch(host, n * m * (int64)sizeof *x);
    int64 *const rows = x == NULL ? NULL : host->scratch(host, n * (int64)sizeof *rows);
    if (rows == NULL) return no_room;
    columns_REAL(a, n, n, a->strides[1], triangles);
    columns_REAL(b, n, m, rank == 2 ? b->strides[1] : 0, x);
    int64 info = 0;
    void *python = terms >= NOTICED ? host->library->leave_python() : NULL;
    host->library->float64_.gesv(&n, &m, triangles, &n, rows, x, &n, &info);
    if (python != NULL) host->library->enter_python(python);
    if (info) return fail(host, check, 0, 0, 0);
    REAL *const result = (REAL *)host->values[slot].data;
    for (int64 i = 0; i < n; i++)
        for (int64 j = 0; j < m; j++) result[i * m + j] = (REAL)x[j * n + i];
    return KG_DONE;
}
"""


def solution(dtype: str) -> Helper:
    """The function for equations of one dtype."""
    text = with_limits(_SOLVE.replace("REAL", dtype))
    return Helper(f"solve_{dtype}", c=text, needs=(LIBRARY, FAIL))
