/* v_sum = sum(exp(x), axis=1) */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 x_n1,
        const float64 *restrict x, float64 *restrict v_sum, const int64 x_s0) {
    int64 work = 0;
    for (int64 i = 0; i < x_n0; i++) {
        float64 sum_total = 0.0;
        if (x_n1 < 16) {
            for (int64 j = 0; j < x_n1; j++) {
                const float64 v_exp = exp(x[i * x_s0 + j]);
                sum_total = sum_total + v_exp;
            }
        }
        else {
            float64 sum_total_lanes[16];
            tree_float64 sum_total_tree;
            for (int64 lane = 0; lane < 16; lane++) sum_total_lanes[lane] = -0.0;
            sum_total_tree.blocks = 0;
            for (int64 j_start = 0; j_start < x_n1; j_start += 512) {
                const int64 j_stop = x_n1 - j_start < 512 ? x_n1 : j_start + 512;
                const int64 j_last = j_stop - (j_stop - j_start) % 16;
                for (int64 j_base = j_start; j_base < j_last; j_base += 16) {
                    for (int64 lane = 0; lane < 16; lane++) {
                        const int64 j = j_base + lane;
                        const float64 v_exp = exp(x[i * x_s0 + j]);
                        sum_total_lanes[lane] = sum_total_lanes[lane] + v_exp;
                    }
                }
                for (int64 j = j_last; j < j_stop; j++) {
                    const float64 v_exp = exp(x[i * x_s0 + j]);
                    sum_total = sum_total + v_exp;
                }
                if (j_stop - j_start == 512) {
                    block_float64(&sum_total_tree, sum_total_lanes);
                }
            }
            sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
        }
        const float64 v_sum_1 = sum_total;
        v_sum[i] = v_sum_1;
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
    if (host->allocate(host, 1, (int64[]){x_n0})) return KG_NO_ROOM + 1;
    float64 *const v_sum = (float64 *)values[1].data;
    status = kernel_0(host, x_n0, x_n1, x, v_sum, x_s0);
    if (status) return status;
    return KG_DONE;
}
