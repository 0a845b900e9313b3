/* One product of matrices by BLAS. A part of products.c, which has it once for each REAL: float32 and float64. */
#ifdef __clang__
#define VECTORS
#else
#define VECTORS __attribute__((optimize("O3"))) /* the rest of the runtime has no loops that count */
#endif
static VECTORS void outer_REAL(int64 m, int64 n, const REAL *restrict a, int64 down, const REAL *restrict b,
                               int64 along, REAL *restrict result) {
    for (int64 i = 0; i < m; i++)
        for (int64 j = 0; j < n; j++) result[i * n + j] = (REAL)0 + a[i * down] * b[j * along];
}
#undef VECTORS
static void multiply_REAL(const kg_routines *blas, kg_matrix x, const REAL *a,
                          kg_matrix y, const REAL *b, REAL *result) {
    const int64 m = x.rows, k = x.columns, n = y.columns;
    if (k == 1) {
        outer_REAL(m, n, a, x.row, b, y.column, result);
    } else if (m == 1 && n == 1) {
        *result = (REAL)0 + blas->REAL_.dot(k, a, x.column, b, y.row);
    } else if (m == 1) {
        blas->REAL_.gemv(y.order == KG_TRANSPOSED ? COLUMNS : ROWS, KG_TRANSPOSED, k, n,
                           1, b, y.lines, a, x.column, 0, result, 1);
    } else if (n == 1) {
        blas->REAL_.gemv(x.order == KG_TRANSPOSED ? ROWS : COLUMNS, KG_TRANSPOSED, k, m,
                           1, a, x.lines, b, y.row, 0, result, 1);
    } else if (a == b && m == n && x.row == y.column && x.column == y.row && x.order != y.order) {
        blas->REAL_.syrk(ROWS, UPPER, x.order, n, k, 1, a, x.lines, 0, result, n);
        for (int64 i = 0; i < n; i++)
            for (int64 j = i + 1; j < n; j++) result[j * n + i] = result[i * n + j];
    } else {
        blas->REAL_.gemm(ROWS, x.order, y.order, m, n, k, 1, a, x.lines, b, y.lines,
                            0, result, n);
    }
}
