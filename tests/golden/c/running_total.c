/* copy = copy(size(x, 0)) */
static int32_t kernel_0(kg_host *host, const int64 x_n0, int64 *restrict copy_out) {
    const int64 copy = x_n0;
    *copy_out = copy;
    return KG_DONE;
}

/* scan */
static int32_t copy_1(kg_host *host, const float64 start, float64 *restrict v_row) {
    v_row[0] = start;
    return KG_DONE;
}

/* add = <float64> + <float64> */
static int32_t kernel_2(kg_host *host, const float64 *restrict v_row_2,
        const float64 *restrict v_row_1, float64 *restrict add_out) {
    const float64 add = v_row_2[0] + v_row_1[0];
    *add_out = add;
    return KG_DONE;
}

/* scan */
static int32_t copy_2(kg_host *host, const float64 add, float64 *restrict v_row_3) {
    v_row_3[0] = add;
    return KG_DONE;
}

/* copy_3 = copy(v_part_) */
static int32_t kernel_4(kg_host *host, const int64 subtensor_n0, const float64 *restrict v_part_,
        float64 *restrict copy_3) {
    for (int64 i_start = 0; i_start < subtensor_n0; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = subtensor_n0 - i_start < 65536 ? subtensor_n0 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 copy_4 = v_part_[i];
            copy_3[i] = copy_4;
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
    const float64 start = *(const float64 *)values[1].data;
    const int64 size = x_n0;
    const int64 scan_n0 = size + 1;
    if (scan_n0 < 0) return fail(host, 0, scan_n0, 0, 0);
    const int64 subtensor_n0 = slice_length(scan_n0, 1, 9223372036854775806LL, 1);
    if (subtensor_n0 < 0) return fail(host, 1, subtensor_n0, 0, 0);
    int64 copy;
    status = kernel_0(host, x_n0, &copy);
    if (status) return status;
    float64 *const history = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){scan_n0}));
    if (history == NULL) return KG_NO_ROOM + 1;
    int64 v_row_at0 = 0;
    if (v_row_at0 < -scan_n0 || v_row_at0 >= scan_n0) return fail(host, 2, v_row_at0, scan_n0, 0);
    if (v_row_at0 < 0) v_row_at0 += scan_n0;
    float64 *const v_row = history + v_row_at0 * 1;
    status = copy_1(host, start, v_row);
    if (status) return status;
    for (int64 step = 0; step < copy; step++) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 scratch_mark = host->mark(host);
        int64 v_row_1_at0 = step;
        if (v_row_1_at0 < -x_n0 || v_row_1_at0 >= x_n0) return fail(host, 3, v_row_1_at0, x_n0, 0);
        if (v_row_1_at0 < 0) v_row_1_at0 += x_n0;
        float64 *const v_row_1 = x + v_row_1_at0 * 1;
        int64 v_row_2_at0 = step;
        if (v_row_2_at0 < -scan_n0 || v_row_2_at0 >= scan_n0) return fail(host, 4, v_row_2_at0, scan_n0, 0);
        if (v_row_2_at0 < 0) v_row_2_at0 += scan_n0;
        float64 *const v_row_2 = history + v_row_2_at0 * 1;
        float64 add;
        status = kernel_2(host, v_row_2, v_row_1, &add);
        if (status) return status;
        int64 v_row_3_at0 = step + 1;
        if (v_row_3_at0 < -scan_n0 || v_row_3_at0 >= scan_n0) return fail(host, 5, v_row_3_at0, scan_n0, 0);
        if (v_row_3_at0 < 0) v_row_3_at0 += scan_n0;
        float64 *const v_row_3 = history + v_row_3_at0 * 1;
        status = copy_2(host, add, v_row_3);
        if (status) return status;
        host->release(host, scratch_mark);
    }
    if (1 == 0) return fail(host, 6, 0, 0, 0);
    float64 *const v_part_ = subtensor_n0 == 0 ? history : history + slice_start(scan_n0, 1, 1) * 1;
    if (host->allocate(host, 2, (int64[]){subtensor_n0})) return KG_NO_ROOM + 2;
    float64 *const copy_3 = (float64 *)values[2].data;
    status = kernel_4(host, subtensor_n0, v_part_, copy_3);
    if (status) return status;
    return KG_DONE;
}
