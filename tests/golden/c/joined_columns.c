/* join = memory(size(exp(x), 0), padded_size(size(exp(x), 1), size(y, 1), size(pad(x, 1, ...), 1))) */
/* v_exp = exp(x) */
/* pad = pad(x, 1, padded_size(size(x, 1), 1, 0)) */
/* ... */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 pad_n1, const int64 x_n1,
        const int64 y_n1, const int64 join_n1, const float64 *restrict x, const float64 *restrict y,
        const float64 *join, const float64 *v_part__2, const float64 *v_part__1, float64 *pad,
        float64 *restrict v_exp, float64 *x_1, float64 *v_part__3, float64 *y_1, float64 *v_part__4,
        float64 *mul, float64 *restrict add, const int64 x_s0, const int64 y_s0,
        const int64 v_part__2_s0, const int64 v_part__1_s0, const int64 x_1_s0,
        const int64 v_part__3_s0, const int64 y_1_s0, const int64 v_part__4_s0) {
    int64 work = 0;
    for (int64 at = 0; at < x_n0; at++) {
        for (int64 at_1 = 0; at_1 < pad_n1; at_1++) {
            pad[at * pad_n1 + at_1] = 0.0;
        }
        work += pad_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 i = 0; i < x_n0; i++) {
        for (int64 j = 0; j < x_n1; j++) {
            const float64 v_exp_1 = exp(x[i * x_s0 + j]);
            v_exp[i * x_n1 + j] = v_exp_1;
            x_1[i * x_1_s0 + j] = x[i * x_s0 + j];
            v_part__3[i * v_part__3_s0 + j] = v_exp_1;
        }
        for (int64 k = 0; k < y_n1; k++) {
            y_1[i * y_1_s0 + k] = y[i * y_s0 + k];
        }
        work += x_n1 + y_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 i = 0; i < x_n0; i++) {
        for (int64 l = 0; l < pad_n1; l++) {
            v_part__4[i * v_part__4_s0 + l] = pad[i * pad_n1 + l];
        }
        work += pad_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 i = 0; i < x_n0; i++) {
        for (int64 m = 0; m < join_n1; m++) {
            const float64 mul_1 = 2.0 * join[i * join_n1 + m];
            mul[i * join_n1 + m] = mul_1;
        }
        work += join_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 i = 0; i < x_n0; i++) {
        for (int64 j = 0; j < x_n1; j++) {
            const float64 mul_2 = v_part__2[i * v_part__2_s0 + j] * v_exp[i * x_n1 + j];
            const float64 add_1 = v_part__1[i * v_part__1_s0 + j] + mul_2;
            add[i * x_n1 + j] = add_1;
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
    const int64 y_n1 = values[1].shape[1];
    if (values[1].strides[1] != sizeof(float64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 1;
    float64 *const y = (float64 *)values[1].data;
    const int64 y_s0 = values[1].strides[0] / (int64)sizeof(float64);
    const int64 pad_n1 = padded(x_n1, 1, 0);
    if (pad_n1 < 0) return fail(host, 0, pad_n1, 0, 0);
    const int64 join_n1 = padded(x_n1, y_n1, pad_n1);
    if (join_n1 < 0) return fail(host, 1, join_n1, 0, 0);
    const int64 block_n1 = pad_n1;
    if (block_n1 < 0) return fail(host, 2, block_n1, 0, 0);
    if (x_n0 != values[1].shape[0]) return fail(host, 3, x_n0, values[1].shape[0], 0);
    if (host->allocate(host, 2, (int64[]){x_n0, join_n1})) return KG_NO_ROOM + 2;
    float64 *const join = (float64 *)values[2].data;
    float64 *const v_exp = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){x_n0, x_n1}));
    if (v_exp == NULL) return KG_NO_ROOM + 3;
    float64 *const pad = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){x_n0, pad_n1}));
    if (pad == NULL) return KG_NO_ROOM + 4;
    float64 *const mul = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){x_n0, join_n1}));
    if (mul == NULL) return KG_NO_ROOM + 5;
    if (host->allocate(host, 3, (int64[]){x_n0, x_n1})) return KG_NO_ROOM + 6;
    float64 *const add = (float64 *)values[3].data;
    float64 *const v_part_ = mul + (x_n1 + y_n1) * (1);
    const int64 v_part__s0 = 1 * join_n1;
    float64 *const v_part__1 = v_part_ + (1) * (1);
    const int64 v_part__1_s0 = v_part__s0;
    float64 *const v_part__2 = mul + (0) * (1);
    const int64 v_part__2_s0 = 1 * join_n1;
    float64 *const x_1 = pad + (1) * (1);
    const int64 x_1_s0 = 1 * pad_n1;
    float64 *const v_part__3 = join + (0) * (1);
    const int64 v_part__3_s0 = 1 * join_n1;
    float64 *const y_1 = join + (x_n1) * (1);
    const int64 y_1_s0 = 1 * join_n1;
    float64 *const v_part__4 = join + (x_n1 + y_n1) * (1);
    const int64 v_part__4_s0 = 1 * join_n1;
    status = kernel_0(host, x_n0, pad_n1, x_n1, y_n1, join_n1, x, y, join, v_part__2, v_part__1, pad,
            v_exp, x_1, v_part__3, y_1, v_part__4, mul, add, x_s0, y_s0, v_part__2_s0, v_part__1_s0,
            x_1_s0, v_part__3_s0, y_1_s0, v_part__4_s0);
    if (status) return status;
    return KG_DONE;
}
