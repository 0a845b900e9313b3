"""C for products of matrices: the same routines of BLAS, with the same arguments, that NumPy takes,
so that the bits are NumPy's.

A matrix times its transpose is `syrk`, whose triangle is then copied; a single row or column is
`gemv`, a single number `dot`, and all else `gemm`. What BLAS cannot read (gaps within rows, steps
backwards), what has no elements, and what takes so long that a Ctrl-C must be heard meanwhile is
left to Python: the call of the program that means the same.
"""

from __future__ import annotations

from kernelgraph.c.blas import LIBRARY
from kernelgraph.ops import contraction
from kernelgraph.templates import Helper

NOTICED = 1e6
"""Where there are so many terms, some 50 µs of work, other threads of Python may run meanwhile."""

_MATRICES = Helper("kg_matrix", c="""\
enum { ROWS = 101, COLUMNS = 102, AS_IT_IS = 111, TRANSPOSED = 112, UPPER = 121 };
/* A matrix as it is used: steps from row to row and from column to column, in elements. `lines` is
   how far apart its rows lie, or its columns if it lies transposed; 0 if BLAS cannot read it. */
typedef struct { int64 rows, columns, row, column, lines; int32_t order; } kg_matrix;
static kg_matrix matrix(const kg_value *value, int32_t order, int64 item) {
    const int flip = order == TRANSPOSED;
    kg_matrix m = {value->shape[flip], value->shape[!flip],
                   value->strides[flip] / item, value->strides[!flip] / item, 0, AS_IT_IS};
    if (m.column == 1 && m.row >= m.columns) m.lines = m.row;
    else if (m.row == 1 && m.column >= m.rows) m.lines = m.column, m.order = TRANSPOSED;
    return m;
}
/* Whether BLAS can read both, and there is work that is not done with by a loop. */
static int fit(kg_matrix x, kg_matrix y) {
    if (x.rows == 0 || x.columns == 0 || y.columns == 0) return 0;
    if (x.columns == 1) return 1;
    return (x.rows == 1 ? x.column > 0 : x.lines > 0) && (y.columns == 1 ? y.row > 0 : y.lines > 0);
}
""")  # fmt: skip

_PRODUCT = """\
static void multiply_REAL(const kg_library *library, kg_matrix x, const REAL *a,
                          kg_matrix y, const REAL *b, REAL *result) {
    const int64 m = x.rows, k = x.columns, n = y.columns;
    if (k == 1) {
        for (int64 i = 0; i < m; i++)
            for (int64 j = 0; j < n; j++)
                result[i * n + j] = (REAL)0 + a[i * x.row] * b[j * y.column];
    } else if (m == 1 && n == 1) {
        *result = (REAL)0 + library->REAL_.dot(k, a, x.column, b, y.row);
    } else if (m == 1) {
        library->REAL_.gemv(y.order == TRANSPOSED ? COLUMNS : ROWS, TRANSPOSED, k, n,
                           1, b, y.lines, a, x.column, 0, result, 1);
    } else if (n == 1) {
        library->REAL_.gemv(x.order == TRANSPOSED ? ROWS : COLUMNS, TRANSPOSED, k, m,
                           1, a, x.lines, b, y.row, 0, result, 1);
    } else if (a == b && m == n && x.row == y.column && x.column == y.row && x.order != y.order) {
        library->REAL_.syrk(ROWS, UPPER, x.order, n, k, 1, a, x.lines, 0, result, n);
        for (int64 i = 0; i < n; i++)
            for (int64 j = i + 1; j < n; j++) result[j * n + i] = result[i * n + j];
    } else {
        library->REAL_.gemm(ROWS, x.order, y.order, m, n, k, 1, a, x.lines, b, y.lines,
                            0, result, n);
    }
}
/* The product of two matrices, each as it is or transposed, into a slot. */
static int32_t product_REAL(kg_host *host, const kg_value *left, int32_t left_order,
                            const kg_value *right, int32_t right_order,
                            int32_t slot, int32_t no_room, int32_t call) {
    const kg_matrix x = matrix(left, left_order, sizeof(REAL));
    const kg_matrix y = matrix(right, right_order, sizeof(REAL));
    const float64 terms = (float64)x.rows * (float64)x.columns * (float64)y.columns;
    if (host->library == NULL || terms >= LONG || !fit(x, y))
        return host->call(host, call) ? KG_PYTHON_ERROR : KG_DONE;
    if (host->allocate(host, slot, (int64[]){x.rows, y.columns})) return no_room;
    REAL *const result = (REAL *)host->values[slot].data;
    void *python = terms >= NOTICED ? host->library->leave_python() : NULL;
    multiply_REAL(host->library, x, (const REAL *)left->data, y, (const REAL *)right->data, result);
    if (python != NULL) host->library->enter_python(python);
    return KG_DONE;
}
"""


def product(dtype: str) -> Helper:
    """The function for products of one dtype."""
    text = with_limits(_PRODUCT.replace("REAL", dtype))
    return Helper(f"product_{dtype}", c=text, needs=(LIBRARY, _MATRICES))


def with_limits(text: str) -> str:
    """C with numbers for what takes long, and so long that others may run meanwhile."""
    long, noticed = float(contraction.LONG), float(NOTICED)
    return text.replace(">= LONG", f">= {long!r}").replace(">= NOTICED", f">= {noticed!r}")
