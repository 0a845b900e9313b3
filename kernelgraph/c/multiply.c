/* One product of matrices by BLAS. A part of products.c, which has it once for each NUMBER:
   float32, float64, complex64 and complex128. */
static VECTORS_NUMBER void outer_NUMBER(int64 m, int64 n, const NUMBER *restrict a, int64 down,
                                        const NUMBER *restrict b, int64 along, NUMBER *restrict result) {
    for (int64 i = 0; i < m; i++)
        for (int64 j = 0; j < n; j++) result[i * n + j] = product_NUMBER(a[i * down], b[j * along]);
}
static void multiply_NUMBER(const kg_routines *blas, kg_matrix x, const NUMBER *a,
                          kg_matrix y, const NUMBER *b, NUMBER *result) {
    const int64 m = x.rows, k = x.columns, n = y.columns;
    if (k == 1) {
        outer_NUMBER(m, n, a, x.row, b, y.column, result);
    } else if (m == 1 && n == 1) {
        *result = dot_NUMBER(blas, k, a, x.column, b, y.row);
    } else if (m == 1) {
        blas->NUMBER_.gemv(y.order == KG_TRANSPOSED ? COLUMNS : ROWS, KG_TRANSPOSED, k, n,
                          one_NUMBER, b, y.lines, a, x.column, zero_NUMBER, result, 1);
    } else if (n == 1) {
        blas->NUMBER_.gemv(x.order == KG_TRANSPOSED ? ROWS : COLUMNS, KG_TRANSPOSED, k, m,
                          one_NUMBER, a, x.lines, b, y.row, zero_NUMBER, result, 1);
    } else if (a == b && m == n && x.row == y.column && x.column == y.row && x.order != y.order) {
        blas->NUMBER_.syrk(ROWS, UPPER, x.order, n, k, one_NUMBER, a, x.lines, zero_NUMBER, result, n);
        for (int64 i = 0; i < n; i++)
            for (int64 j = i + 1; j < n; j++) result[j * n + i] = result[i * n + j];
    } else {
        blas->NUMBER_.gemm(ROWS, x.order, y.order, m, n, k, one_NUMBER, a, x.lines, b, y.lines,
                          zero_NUMBER, result, n);
    }
}
