/* add = exp(x) * y + sqrt(y) */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const float64 *restrict x,
        const float32 *restrict y, float64 *restrict add) {
    for (int64 i_start = 0; i_start < x_n0; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = x_n0 - i_start < 65536 ? x_n0 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 v_exp = exp(x[i]);
            const float64 mul = v_exp * to_float64(y[i]);
            const float32 v_sqrt = sqrt(y[i]);
            const float64 add_1 = mul + to_float64(v_sqrt);
            add[i] = add_1;
        }
    }
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 x_n0 = values[0].shape[0];
    if (values[0].strides[0] != sizeof(float64) && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;
    float64 *const x = (float64 *)values[0].data;
    if (values[1].strides[0] != sizeof(float32) && host->pack(host, 1, 1)) return KG_NO_ROOM + 1;
    float32 *const y = (float32 *)values[1].data;
    if (x_n0 != values[1].shape[0]) return fail(host, 0, x_n0, values[1].shape[0], 0);
    if (host->allocate(host, 2, (int64[]){x_n0})) return KG_NO_ROOM + 2;
    float64 *const add = (float64 *)values[2].data;
    status = kernel_0(host, x_n0, x, y, add);
    if (status) return status;
    return KG_DONE;
}
