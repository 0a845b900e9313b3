/* sub = v_part_ - v_part__1 */
/* add = ... + ... */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 subtensor_n0,
        const float64 *restrict v_part_, const float64 *restrict v_part__1,
        float64 *subtensor_transpose, float64 *subtensor_transpose_1, float64 *restrict sub,
        float64 *v_part__2, float64 *v_part__3, float64 *restrict add) {
    for (int64 at_start = 0; at_start < x_n0; at_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_stop = x_n0 - at_start < 65536 ? x_n0 : at_start + 65536;
        for (int64 at = at_start; at < at_stop; at++) {
            subtensor_transpose[at] = 0.0;
        }
    }
    for (int64 at_1_start = 0; at_1_start < x_n0; at_1_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_1_stop = x_n0 - at_1_start < 65536 ? x_n0 : at_1_start + 65536;
        for (int64 at_1 = at_1_start; at_1 < at_1_stop; at_1++) {
            subtensor_transpose_1[at_1] = 0.0;
        }
    }
    for (int64 i_start = 0; i_start < subtensor_n0; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = subtensor_n0 - i_start < 65536 ? subtensor_n0 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 sub_1 = v_part_[i] - v_part__1[i];
            sub[i] = sub_1;
            const float64 mul = 2.0 * sub_1;
            const float64 neg = -mul;
            v_part__2[i] = neg;
            v_part__3[i] = mul;
        }
    }
    for (int64 j_start = 0; j_start < x_n0; j_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 j_stop = x_n0 - j_start < 65536 ? x_n0 : j_start + 65536;
        for (int64 j = j_start; j < j_stop; j++) {
            const float64 add_1 = subtensor_transpose[j] + subtensor_transpose_1[j];
            add[j] = add_1;
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
    const int64 subtensor_n0 = slice_length(x_n0, 1, 9223372036854775806LL, 1);
    if (subtensor_n0 < 0) return fail(host, 0, subtensor_n0, 0, 0);
    if (subtensor_n0 != (slice_length(x_n0, INT64_MIN, (-1), 1))) return fail(host, 1, subtensor_n0, slice_length(x_n0, INT64_MIN, (-1), 1), 0);
    if (1 == 0) return fail(host, 2, 0, 0, 0);
    float64 *const v_part_ = subtensor_n0 == 0 ? x : x + slice_start(x_n0, 1, 1) * 1;
    if (1 == 0) return fail(host, 3, 0, 0, 0);
    float64 *const v_part__1 = subtensor_n0 == 0 ? x : x + slice_start(x_n0, INT64_MIN, 1) * 1;
    if (host->allocate(host, 1, (int64[]){subtensor_n0})) return KG_NO_ROOM + 1;
    float64 *const sub = (float64 *)values[1].data;
    if (host->allocate(host, 2, (int64[]){x_n0})) return KG_NO_ROOM + 2;
    float64 *const add = (float64 *)values[2].data;
    float64 *const subtensor_transpose = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n0}));
    if (subtensor_transpose == NULL) return KG_NO_ROOM + 3;
    float64 *const subtensor_transpose_1 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n0}));
    if (subtensor_transpose_1 == NULL) return KG_NO_ROOM + 4;
    if (1 == 0) return fail(host, 4, 0, 0, 0);
    float64 *const v_part__2 = subtensor_n0 == 0 ? subtensor_transpose : subtensor_transpose + slice_start(x_n0, INT64_MIN, 1) * 1;
    if (1 == 0) return fail(host, 5, 0, 0, 0);
    float64 *const v_part__3 = subtensor_n0 == 0 ? subtensor_transpose_1 : subtensor_transpose_1 + slice_start(x_n0, 1, 1) * 1;
    status = kernel_0(host, x_n0, subtensor_n0, v_part_, v_part__1, subtensor_transpose,
            subtensor_transpose_1, sub, v_part__2, v_part__3, add);
    if (status) return status;
    return KG_DONE;
}
