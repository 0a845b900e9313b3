/* max_and_argmax = max_and_argmax(x, axis=1).0 */
/* max_and_argmax_1 = max_and_argmax(x, axis=1).1 */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 x_n1,
        const float64 *restrict x, float64 *restrict max_and_argmax,
        int64 *restrict max_and_argmax_1, const int64 x_s0) {
    int64 work = 0;
    for (int64 i = 0; i < x_n0; i++) {
        float64 max_and_argmax_best = (-(float64)INFINITY);
        int64 max_and_argmax_where = (-1);
        for (int64 j = 0; j < x_n1; j++) {
            const float64 x_1 = x[i * x_s0 + j];
            const bool8 better = max_and_argmax_where < 0 || (x_1 != x_1 ? max_and_argmax_best == max_and_argmax_best : x_1 > max_and_argmax_best);
            max_and_argmax_best = better ? x_1 : max_and_argmax_best;
            max_and_argmax_where = better ? j : max_and_argmax_where;
        }
        const float64 max_and_argmax_2 = max_and_argmax_best;
        max_and_argmax[i] = max_and_argmax_2;
        const int64 max_and_argmax_3 = max_and_argmax_where;
        max_and_argmax_1[i] = max_and_argmax_3;
        work += x_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 x_n0 = values[0].shape[0];
    const int64 x_n1 = values[0].shape[1];
    if (values[0].strides[1] != sizeof(float64) && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;
    float64 *const x = (float64 *)values[0].data;
    const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);
    if (x_n1 == 0) return fail(host, 0, 0, 0, 0);
    if (host->allocate(host, 1, (int64[]){x_n0})) return KG_NO_ROOM + 1;
    float64 *const max_and_argmax = (float64 *)values[1].data;
    if (host->allocate(host, 2, (int64[]){x_n0})) return KG_NO_ROOM + 2;
    int64 *const max_and_argmax_1 = (int64 *)values[2].data;
    status = kernel_0(host, x_n0, x_n1, x, max_and_argmax, max_and_argmax_1, x_s0);
    if (status) return status;
    return KG_DONE;
}
