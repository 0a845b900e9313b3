/* v_sum = sum(v_part_) */
/* subtensor_transpose = subtensor_transpose(..., 0, 9223372036854775806, 1, ..., ...) */
static int32_t kernel_0(kg_host *host, const int64 strided_n0, const int64 x_n0,
        const int64 strided_transpose_n1, const int64 broadcast_n0, const int64 x_n1,
        const float64 *restrict v_part_, float64 *strided_transpose, float64 *v_part__1,
        float64 *subtensor_transpose, float64 *v_part__2, const int64 v_part__s0,
        const int64 v_part__1_s0, const int64 v_part__2_s0, float64 *restrict v_sum_out) {
    int64 work = 0;
    float64 sum_total = 0.0;
    if (strided_n0 < 16) {
        for (int64 i = 0; i < strided_n0; i++) {
            sum_total = sum_total + v_part_[i * v_part__s0];
        }
    }
    else {
        float64 sum_total_lanes[16];
        tree_float64 sum_total_tree;
        for (int64 lane = 0; lane < 16; lane++) sum_total_lanes[lane] = -0.0;
        sum_total_tree.blocks = 0;
        for (int64 i_start = 0; i_start < strided_n0; i_start += 512) {
            if (i_start % 65536 == 0 && host->poll(host)) return KG_PYTHON_ERROR;
            const int64 i_stop = strided_n0 - i_start < 512 ? strided_n0 : i_start + 512;
            const int64 i_last = i_stop - (i_stop - i_start) % 16;
            for (int64 i_base = i_start; i_base < i_last; i_base += 16) {
                for (int64 lane = 0; lane < 16; lane++) {
                    const int64 i = i_base + lane;
                    sum_total_lanes[lane] = sum_total_lanes[lane] + v_part_[i * v_part__s0];
                }
            }
            for (int64 i = i_last; i < i_stop; i++) {
                sum_total = sum_total + v_part_[i * v_part__s0];
            }
            if (i_stop - i_start == 512) {
                block_float64(&sum_total_tree, sum_total_lanes);
            }
        }
        sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
    }
    const float64 v_sum = sum_total;
    const float64 mul = 2.0 * v_sum;
    for (int64 at = 0; at < x_n0; at++) {
        for (int64 at_1 = 0; at_1 < strided_transpose_n1; at_1++) {
            strided_transpose[at * strided_transpose_n1 + at_1] = 0.0;
        }
        work += strided_transpose_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 j_start = 0; j_start < broadcast_n0; j_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 j_stop = broadcast_n0 - j_start < 65536 ? broadcast_n0 : j_start + 65536;
        const int64 j_last_1 = j_stop - (j_stop - j_start) % 16;
        for (int64 j_base_1 = j_start; j_base_1 < j_last_1; j_base_1 += 16) {
            for (int64 lane = 0; lane < 16; lane++) {
                const int64 j = j_base_1 + lane;
                v_part__1[j * v_part__1_s0] = v_part__1[j * v_part__1_s0] + mul;
            }
        }
        for (int64 j = j_last_1; j < j_stop; j++) {
            v_part__1[j * v_part__1_s0] = v_part__1[j * v_part__1_s0] + mul;
        }
    }
    for (int64 at_2 = 0; at_2 < x_n0; at_2++) {
        for (int64 at_3 = 0; at_3 < x_n1; at_3++) {
            subtensor_transpose[at_2 * x_n1 + at_3] = 0.0;
        }
        work += x_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 k = 0; k < x_n0; k++) {
        for (int64 l = 0; l < strided_transpose_n1; l++) {
            v_part__2[k * v_part__2_s0 + l] = strided_transpose[k * strided_transpose_n1 + l];
        }
        work += strided_transpose_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    *v_sum_out = v_sum;
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
    const int64 size = slice_length(x_n1, 0, 9223372036854775806LL, 1);
    const int64 strided_n0 = x_n0 < size || x_n0 != x_n0 ? x_n0 : size;
    if (strided_n0 < 0) return fail(host, 0, strided_n0, 0, 0);
    const int64 broadcast_n0 = strided_n0;
    if (broadcast_n0 < 0) return fail(host, 1, broadcast_n0, 0, 0);
    const int64 strided_transpose_n1 = size;
    if (strided_transpose_n1 < 0) return fail(host, 2, strided_transpose_n1, 0, 0);
    float64 *const v_part_ = x;
    const int64 v_part__s0 = 1 * (x_s0) + 1 * (1);
    if (host->allocate(host, 2, (int64[]){x_n0, x_n1})) return KG_NO_ROOM + 1;
    float64 *const subtensor_transpose = (float64 *)values[2].data;
    float64 *const strided_transpose = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){x_n0, strided_transpose_n1}));
    if (strided_transpose == NULL) return KG_NO_ROOM + 2;
    float64 *const v_part__1 = strided_transpose;
    const int64 v_part__1_s0 = 1 * (1 * strided_transpose_n1) + 1 * (1);
    if (1 == 0) return fail(host, 3, 0, 0, 0);
    float64 *const v_part__2 = x_n0 == 0 || strided_transpose_n1 == 0 ? subtensor_transpose : subtensor_transpose + slice_start(x_n1, 0, 1) * 1;
    const int64 v_part__2_s0 = 1 * x_n1;
    float64 v_sum;
    status = kernel_0(host, strided_n0, x_n0, strided_transpose_n1, broadcast_n0, x_n1, v_part_,
            strided_transpose, v_part__1, subtensor_transpose, v_part__2, v_part__s0, v_part__1_s0,
            v_part__2_s0, &v_sum);
    if (status) return status;
    if (host->allocate(host, 1, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[1].data = v_sum;
    return KG_DONE;
}
