/* cumprod = cumprod(exp(x), axis=1) */
/* cumsum = cumsum(x, axis=0) */
static int32_t kernel_0(kg_host *host, const int64 x_n1, const int64 x_n0,
        const float64 *restrict x, float64 *restrict cumsum_total, float64 *restrict cumprod,
        float64 *restrict cumsum, const int64 x_s0) {
    int64 work = 0;
    for (int64 i_start = 0; i_start < x_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = x_n1 - i_start < 65536 ? x_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            cumsum_total[i] = (-0.0);
        }
    }
    for (int64 j = 0; j < x_n0; j++) {
        float64 cumprod_product = 1.0;
        for (int64 i = 0; i < x_n1; i++) {
            const float64 v_exp = exp(x[j * x_s0 + i]);
            cumprod_product = cumprod_product * v_exp;
            const float64 cumprod_1 = cumprod_product;
            cumprod[j * x_n1 + i] = cumprod_1;
            const float64 x_1 = x[j * x_s0 + i];
            cumsum_total[i] = cumsum_total[i] + x_1;
            const float64 cumsum_1 = cumsum_total[i];
            cumsum[j * x_n1 + i] = cumsum_1;
        }
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
    if (host->allocate(host, 1, (int64[]){x_n0, x_n1})) return KG_NO_ROOM + 1;
    float64 *const cumprod = (float64 *)values[1].data;
    if (host->allocate(host, 2, (int64[]){x_n0, x_n1})) return KG_NO_ROOM + 2;
    float64 *const cumsum = (float64 *)values[2].data;
    float64 *const cumsum_total = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n1}));
    if (cumsum_total == NULL) return KG_NO_ROOM + 3;
    status = kernel_0(host, x_n1, x_n0, x, cumsum_total, cumprod, cumsum, x_s0);
    if (status) return status;
    return KG_DONE;
}
