/* join = memory(padded_size(size(v_part_, 0), size(pad(..., 1, ...), 0), size(v_part__1 * 2, 0))) */
/* v_exp = exp(y) */
/* pad = pad(exp(y), 1, padded_size(size(y, 0), 1, 2)) */
/* ... */
static int32_t kernel_0(kg_host *host, const int64 pad_n0, const int64 y_n0,
        const int64 subtensor_n0_1, const int64 subtensor_n0, const int64 join_n0, const int64 x_n0,
        const int64 block_n0, const int64 block_n0_1, const float64 *restrict y,
        const float64 *restrict v_part__1, const float64 *restrict v_part_, const float64 *join,
        const float64 *v_part__2, const float64 *v_part__3, const float64 *v_part__5, float64 *pad,
        float64 *restrict v_exp, float64 *v_part__6, float64 *restrict mul, float64 *v_part__7,
        float64 *v_part__8, float64 *v_part__9, float64 *mul_1, float64 *subtensor_transpose,
        float64 *v_part__10, float64 *subtensor_transpose_1, float64 *v_part__11,
        float64 *restrict add, float64 *restrict mul_2, const int64 v_part__s0,
        const int64 v_part__11_s0) {
    for (int64 at_start = 0; at_start < pad_n0; at_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_stop = pad_n0 - at_start < 65536 ? pad_n0 : at_start + 65536;
        for (int64 at = at_start; at < at_stop; at++) {
            pad[at] = 0.0;
        }
    }
    for (int64 i_start = 0; i_start < y_n0; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = y_n0 - i_start < 65536 ? y_n0 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 v_exp_1 = exp(y[i]);
            v_exp[i] = v_exp_1;
            v_part__6[i] = v_exp_1;
        }
    }
    for (int64 j_start = 0; j_start < subtensor_n0_1; j_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 j_stop = subtensor_n0_1 - j_start < 65536 ? subtensor_n0_1 : j_start + 65536;
        for (int64 j = j_start; j < j_stop; j++) {
            const float64 mul_3 = v_part__1[j] * 2.0;
            mul[j] = mul_3;
            v_part__7[j] = mul_3;
        }
    }
    for (int64 k_start = 0; k_start < subtensor_n0; k_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 k_stop = subtensor_n0 - k_start < 65536 ? subtensor_n0 : k_start + 65536;
        for (int64 k = k_start; k < k_stop; k++) {
            v_part__8[k] = v_part_[k * v_part__s0];
        }
    }
    for (int64 l_start = 0; l_start < pad_n0; l_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 l_stop = pad_n0 - l_start < 65536 ? pad_n0 : l_start + 65536;
        for (int64 l = l_start; l < l_stop; l++) {
            v_part__9[l] = pad[l];
        }
    }
    for (int64 m_start = 0; m_start < join_n0; m_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 m_stop = join_n0 - m_start < 65536 ? join_n0 : m_start + 65536;
        for (int64 m = m_start; m < m_stop; m++) {
            const float64 mul_4 = 2.0 * join[m];
            mul_1[m] = mul_4;
        }
    }
    for (int64 at_1_start = 0; at_1_start < x_n0; at_1_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_1_stop = x_n0 - at_1_start < 65536 ? x_n0 : at_1_start + 65536;
        for (int64 at_1 = at_1_start; at_1 < at_1_stop; at_1++) {
            subtensor_transpose[at_1] = 0.0;
        }
    }
    for (int64 iteration_start = 0; iteration_start < block_n0; iteration_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_stop = block_n0 - iteration_start < 65536 ? block_n0 : iteration_start + 65536;
        for (int64 iteration = iteration_start; iteration < iteration_stop; iteration++) {
            const float64 mul_5 = v_part__2[iteration] * 2.0;
            v_part__10[iteration] = mul_5;
        }
    }
    for (int64 at_2_start = 0; at_2_start < x_n0; at_2_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_2_stop = x_n0 - at_2_start < 65536 ? x_n0 : at_2_start + 65536;
        for (int64 at_2 = at_2_start; at_2 < at_2_stop; at_2++) {
            subtensor_transpose_1[at_2] = 0.0;
        }
    }
    for (int64 iteration_1_start = 0; iteration_1_start < block_n0_1; iteration_1_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_1_stop = block_n0_1 - iteration_1_start < 65536 ? block_n0_1 : iteration_1_start + 65536;
        for (int64 iteration_1 = iteration_1_start; iteration_1 < iteration_1_stop; iteration_1++) {
            v_part__11[iteration_1 * v_part__11_s0] = v_part__3[iteration_1];
        }
    }
    for (int64 iteration_2_start = 0; iteration_2_start < x_n0; iteration_2_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_2_stop = x_n0 - iteration_2_start < 65536 ? x_n0 : iteration_2_start + 65536;
        for (int64 iteration_2 = iteration_2_start; iteration_2 < iteration_2_stop; iteration_2++) {
            const float64 add_1 = subtensor_transpose[iteration_2] + subtensor_transpose_1[iteration_2];
            add[iteration_2] = add_1;
        }
    }
    for (int64 i_start = 0; i_start < y_n0; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = y_n0 - i_start < 65536 ? y_n0 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 mul_6 = v_part__5[i] * v_exp[i];
            mul_2[i] = mul_6;
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
    const int64 y_n0 = values[1].shape[0];
    if (values[1].strides[0] != sizeof(float64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 1;
    float64 *const y = (float64 *)values[1].data;
    const int64 subtensor_n0 = slice_length(x_n0, 9223372036854775806LL, INT64_MIN, (-1));
    if (subtensor_n0 < 0) return fail(host, 0, subtensor_n0, 0, 0);
    const int64 pad_n0 = padded(y_n0, 1, 2);
    if (pad_n0 < 0) return fail(host, 1, pad_n0, 0, 0);
    const int64 subtensor_n0_1 = slice_length(x_n0, 1, 9223372036854775806LL, 1);
    if (subtensor_n0_1 < 0) return fail(host, 2, subtensor_n0_1, 0, 0);
    const int64 join_n0 = padded(subtensor_n0, pad_n0, subtensor_n0_1);
    if (join_n0 < 0) return fail(host, 3, join_n0, 0, 0);
    const int64 block_n0 = subtensor_n0_1;
    if (block_n0 < 0) return fail(host, 4, block_n0, 0, 0);
    const int64 block_n0_1 = subtensor_n0;
    if (block_n0_1 < 0) return fail(host, 5, block_n0_1, 0, 0);
    const int64 block_n0_2 = pad_n0;
    if (block_n0_2 < 0) return fail(host, 6, block_n0_2, 0, 0);
    if ((-1) == 0) return fail(host, 7, 0, 0, 0);
    float64 *const v_part_ = subtensor_n0 == 0 ? x : x + slice_start(x_n0, 9223372036854775806LL, (-1)) * 1;
    const int64 v_part__s0 = ((-1)) * 1;
    if (1 == 0) return fail(host, 8, 0, 0, 0);
    float64 *const v_part__1 = subtensor_n0_1 == 0 ? x : x + slice_start(x_n0, 1, 1) * 1;
    if (host->allocate(host, 2, (int64[]){join_n0})) return KG_NO_ROOM + 2;
    float64 *const join = (float64 *)values[2].data;
    float64 *const v_exp = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){y_n0}));
    if (v_exp == NULL) return KG_NO_ROOM + 3;
    float64 *const pad = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){pad_n0}));
    if (pad == NULL) return KG_NO_ROOM + 4;
    float64 *const mul = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){subtensor_n0_1}));
    if (mul == NULL) return KG_NO_ROOM + 5;
    float64 *const mul_1 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){join_n0}));
    if (mul_1 == NULL) return KG_NO_ROOM + 6;
    if (host->allocate(host, 3, (int64[]){x_n0})) return KG_NO_ROOM + 7;
    float64 *const add = (float64 *)values[3].data;
    if (host->allocate(host, 4, (int64[]){y_n0})) return KG_NO_ROOM + 8;
    float64 *const mul_2 = (float64 *)values[4].data;
    float64 *const subtensor_transpose = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n0}));
    if (subtensor_transpose == NULL) return KG_NO_ROOM + 9;
    float64 *const subtensor_transpose_1 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n0}));
    if (subtensor_transpose_1 == NULL) return KG_NO_ROOM + 10;
    float64 *const v_part__2 = mul_1 + ((slice_length(x_n0, 9223372036854775806LL, INT64_MIN, (-1))) + padded(y_n0, 1, 2)) * (1);
    float64 *const v_part__3 = mul_1 + (0) * (1);
    float64 *const v_part__4 = mul_1 + (slice_length(x_n0, 9223372036854775806LL, INT64_MIN, (-1))) * (1);
    float64 *const v_part__5 = v_part__4 + (1) * (1);
    float64 *const v_part__6 = pad + (1) * (1);
    float64 *const v_part__7 = join + (subtensor_n0 + pad_n0) * (1);
    float64 *const v_part__8 = join + (0) * (1);
    float64 *const v_part__9 = join + (subtensor_n0) * (1);
    if (1 == 0) return fail(host, 9, 0, 0, 0);
    float64 *const v_part__10 = block_n0 == 0 ? subtensor_transpose : subtensor_transpose + slice_start(x_n0, 1, 1) * 1;
    if ((-1) == 0) return fail(host, 10, 0, 0, 0);
    float64 *const v_part__11 = block_n0_1 == 0 ? subtensor_transpose_1 : subtensor_transpose_1 + slice_start(x_n0, 9223372036854775806LL, (-1)) * 1;
    const int64 v_part__11_s0 = ((-1)) * 1;
    status = kernel_0(host, pad_n0, y_n0, subtensor_n0_1, subtensor_n0, join_n0, x_n0, block_n0,
            block_n0_1, y, v_part__1, v_part_, join, v_part__2, v_part__3, v_part__5, pad, v_exp,
            v_part__6, mul, v_part__7, v_part__8, v_part__9, mul_1, subtensor_transpose, v_part__10,
            subtensor_transpose_1, v_part__11, add, mul_2, v_part__s0, v_part__11_s0);
    if (status) return status;
    return KG_DONE;
}
