/* true_div = exp(x - switch(... * ..., peak(x, axis=1), 0)) / sum(exp(x - switch(..., ..., 0)), axis=1) */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 x_n1,
        const float64 *restrict x, float64 *restrict v_exp, float64 *restrict true_div,
        const int64 x_s0) {
    int64 work = 0;
    for (int64 i = 0; i < x_n0; i++) {
        float64 peak_best = (-(float64)INFINITY);
        if (x_n1 < 1024) {
            for (int64 j = 0; j < x_n1; j++) {
                const float64 x_1 = x[i * x_s0 + j];
                peak_best = peak_best > x_1 || peak_best != peak_best ? peak_best : x_1;
            }
        }
        else {
            float64 peak_best_lanes[16];
            for (int64 lane = 0; lane < 16; lane++) peak_best_lanes[lane] = (-(float64)INFINITY);
            const int64 j_last = x_n1 - x_n1 % 16;
            for (int64 j_base = 0; j_base < j_last; j_base += 16) {
                for (int64 lane = 0; lane < 16; lane++) {
                    const int64 j = j_base + lane;
                    const float64 x_1 = x[i * x_s0 + j];
                    const float64 peak_best_now = peak_best_lanes[lane];
                    peak_best_lanes[lane] = peak_best_now > x_1 || peak_best_now != peak_best_now ? peak_best_now : x_1;
                }
            }
            for (int64 j = j_last; j < x_n1; j++) {
                const float64 x_1 = x[i * x_s0 + j];
                peak_best = peak_best > x_1 || peak_best != peak_best ? peak_best : x_1;
            }
            for (int64 lane = 0; lane < 8; lane++) {
                const float64 peak_best_other = peak_best_lanes[lane + 8];
                const float64 peak_best_now = peak_best_lanes[lane];
                peak_best_lanes[lane] = peak_best_now > peak_best_other || peak_best_now != peak_best_now ? peak_best_now : peak_best_other;
            }
            for (int64 lane = 0; lane < 4; lane++) {
                const float64 peak_best_other = peak_best_lanes[lane + 4];
                const float64 peak_best_now = peak_best_lanes[lane];
                peak_best_lanes[lane] = peak_best_now > peak_best_other || peak_best_now != peak_best_now ? peak_best_now : peak_best_other;
            }
            for (int64 lane = 0; lane < 2; lane++) {
                const float64 peak_best_other = peak_best_lanes[lane + 2];
                const float64 peak_best_now = peak_best_lanes[lane];
                peak_best_lanes[lane] = peak_best_now > peak_best_other || peak_best_now != peak_best_now ? peak_best_now : peak_best_other;
            }
            for (int64 lane = 0; lane < 1; lane++) {
                const float64 peak_best_other = peak_best_lanes[lane + 1];
                const float64 peak_best_now = peak_best_lanes[lane];
                peak_best_lanes[lane] = peak_best_now > peak_best_other || peak_best_now != peak_best_now ? peak_best_now : peak_best_other;
            }
            const float64 peak_best_other = peak_best_lanes[0];
            peak_best = peak_best > peak_best_other || peak_best != peak_best ? peak_best : peak_best_other;
        }
        const float64 peak = peak_best;
        const float64 v_abs = magnitude(peak);
        const bool8 lt = 600.0 < v_abs;
        const bool8 lt_1 = v_abs < ((float64)INFINITY);
        const bool8 mul = lt * lt_1;
        const float64 v_switch = mul ? peak : 0.0;
        float64 sum_total = 0.0;
        if (x_n1 < 16) {
            for (int64 j = 0; j < x_n1; j++) {
                const float64 sub = x[i * x_s0 + j] - v_switch;
                const float64 v_exp_1 = exp(sub);
                v_exp[j] = v_exp_1;
                sum_total = sum_total + v_exp_1;
            }
        }
        else {
            float64 sum_total_lanes[16];
            tree_float64 sum_total_tree;
            for (int64 lane = 0; lane < 16; lane++) sum_total_lanes[lane] = -0.0;
            sum_total_tree.blocks = 0;
            for (int64 j_start = 0; j_start < x_n1; j_start += 512) {
                const int64 j_stop = x_n1 - j_start < 512 ? x_n1 : j_start + 512;
                const int64 j_last_1 = j_stop - (j_stop - j_start) % 16;
                for (int64 j_base_1 = j_start; j_base_1 < j_last_1; j_base_1 += 16) {
                    for (int64 lane = 0; lane < 16; lane++) {
                        const int64 j = j_base_1 + lane;
                        const float64 sub = x[i * x_s0 + j] - v_switch;
                        const float64 v_exp_1 = exp(sub);
                        v_exp[j] = v_exp_1;
                        sum_total_lanes[lane] = sum_total_lanes[lane] + v_exp_1;
                    }
                }
                for (int64 j = j_last_1; j < j_stop; j++) {
                    const float64 sub = x[i * x_s0 + j] - v_switch;
                    const float64 v_exp_1 = exp(sub);
                    v_exp[j] = v_exp_1;
                    sum_total = sum_total + v_exp_1;
                }
                if (j_stop - j_start == 512) {
                    block_float64(&sum_total_tree, sum_total_lanes);
                }
            }
            sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
        }
        const float64 v_sum = sum_total;
        for (int64 j = 0; j < x_n1; j++) {
            const float64 true_div_1 = v_exp[j] / v_sum;
            true_div[i * x_n1 + j] = true_div_1;
        }
        work += (x_n1 + x_n1) + x_n1;
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
    float64 *const true_div = (float64 *)values[1].data;
    float64 *const v_exp = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n1}));
    if (v_exp == NULL) return KG_NO_ROOM + 2;
    status = kernel_0(host, x_n0, x_n1, x, v_exp, true_div, x_s0);
    if (status) return status;
    return KG_DONE;
}
