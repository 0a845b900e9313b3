/* gt = v_k > 0 */
static int32_t kernel_0(kg_host *host, const float64 v_k, bool8 *restrict gt_out) {
    const bool8 gt = v_k > 0.0;
    *gt_out = gt;
    return KG_DONE;
}

/* v_exp = exp(x_1) */
static int32_t kernel_1(kg_host *host, const int64 x_n0_1, const float64 *restrict x_1,
        float64 *restrict v_exp) {
    for (int64 i_start = 0; i_start < x_n0_1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = x_n0_1 - i_start < 65536 ? x_n0_1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 v_exp_1 = exp(x_1[i]);
            v_exp[i] = v_exp_1;
        }
    }
    return KG_DONE;
}

/* sqr = sqr(x_2) */
static int32_t kernel_2(kg_host *host, const int64 x_n0_2, const float64 *restrict x_2,
        float64 *restrict sqr) {
    for (int64 i_start = 0; i_start < x_n0_2; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = x_n0_2 - i_start < 65536 ? x_n0_2 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 x_3 = x_2[i];
            const float64 sqr_1 = x_3 * x_3;
            sqr[i] = sqr_1;
        }
    }
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const float64 v_k = *(const float64 *)values[0].data;
    const int64 x_n0 = values[1].shape[0];
    if (values[1].strides[0] != sizeof(float64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 0;
    float64 *const x = (float64 *)values[1].data;
    bool8 gt;
    status = kernel_0(host, v_k, &gt);
    if (status) return status;
    if (gt) {
        const int64 x_n0_1 = x_n0;
        float64 *const x_1 = x;
        if (host->allocate(host, 2, (int64[]){x_n0_1})) return KG_NO_ROOM + 1;
        float64 *const v_exp = (float64 *)values[2].data;
        status = kernel_1(host, x_n0_1, x_1, v_exp);
        if (status) return status;
    } else {
        const int64 x_n0_2 = x_n0;
        float64 *const x_2 = x;
        if (host->allocate(host, 2, (int64[]){x_n0_2})) return KG_NO_ROOM + 2;
        float64 *const sqr = (float64 *)values[2].data;
        status = kernel_2(host, x_n0_2, x_2, sqr);
        if (status) return status;
    }
    const int64 ifelse_n0 = values[2].shape[0];
    if (ifelse_n0 < 0) return fail(host, 0, ifelse_n0, 0, 0);
    float64 *const input = (float64 *)values[2].data;
    return KG_DONE;
}
