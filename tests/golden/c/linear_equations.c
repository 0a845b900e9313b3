/* mul = 2 * solution */
/* copy = copy(a.T) */
static int32_t kernel_0(kg_host *host, const int64 b_n0, const float64 *restrict solution,
        const float64 *restrict a, float64 *restrict mul, float64 *restrict copy,
        const int64 a_s0) {
    int64 work = 0;
    for (int64 i = 0; i < b_n0; i++) {
        const float64 mul_1 = 2.0 * solution[i];
        mul[i] = mul_1;
        for (int64 j = 0; j < b_n0; j++) {
            const float64 copy_1 = a[j * a_s0 + i];
            copy[i * b_n0 + j] = copy_1;
        }
        work += b_n0;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    return KG_DONE;
}

/* neg = -(solution_1 * solution) */
static int32_t kernel_1(kg_host *host, const int64 b_n0, const float64 *restrict solution_1,
        const float64 *restrict solution, float64 *restrict neg) {
    int64 work = 0;
    {
        int64 i = 0;
        for (; i + 8 <= b_n0; i += 8) {
            for (int64 j = 0; j < b_n0; j++) {
                for (int64 row = 0; row < 8; row++) {
                    const float64 mul_2 = solution_1[i + row] * solution[j];
                    const float64 neg_1 = -mul_2;
                    neg[(i + row) * b_n0 + j] = neg_1;
                }
            }
            work += b_n0 * 8;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (; i < b_n0; i++) {
            for (int64 j = 0; j < b_n0; j++) {
                const float64 mul_2 = solution_1[i] * solution[j];
                const float64 neg_1 = -mul_2;
                neg[i * b_n0 + j] = neg_1;
            }
            work += b_n0;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
    }
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 b_n0 = values[0].shape[0];
    if (values[0].strides[1] != sizeof(float64) && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;
    float64 *const a = (float64 *)values[0].data;
    const int64 a_s0 = values[0].strides[0] / (int64)sizeof(float64);
    float64 *const b = (float64 *)values[1].data;
    if (b_n0 != values[0].shape[1]) return fail(host, 0, b_n0, values[0].shape[1], 0);
    if (b_n0 != values[1].shape[0]) return fail(host, 1, b_n0, values[1].shape[0], 0);
    /* solution = solve(a, b) */
    status = host->lapack(host, KG_SOLUTION, 0, (const int32_t[]){0, 1, 2}, KG_NO_ROOM + 1, 2, 0);
    if (status) return status;
    float64 *const solution = (float64 *)values[2].data;
    if (host->allocate(host, 5, (int64[]){b_n0})) return KG_NO_ROOM + 2;
    float64 *const mul = (float64 *)values[5].data;
    if (host->allocate(host, 6, (int64[]){b_n0, b_n0})) return KG_NO_ROOM + 3;
    float64 *const copy = (float64 *)values[6].data;
    status = kernel_0(host, b_n0, solution, a, mul, copy, a_s0);
    if (status) return status;
    /* solution_1 = solve(copy, mul) */
    status = host->lapack(host, KG_SOLUTION, 0, (const int32_t[]){6, 5, 4}, KG_NO_ROOM + 4, 3, 1);
    if (status) return status;
    float64 *const solution_1 = (float64 *)values[4].data;
    if (host->allocate(host, 3, (int64[]){b_n0, b_n0})) return KG_NO_ROOM + 5;
    float64 *const neg = (float64 *)values[3].data;
    status = kernel_1(host, b_n0, solution_1, solution, neg);
    if (status) return status;
    return KG_DONE;
}
