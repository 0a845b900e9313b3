/* v_sum = sum(-0.5 * sqr((x - mean) / exp(log_deviation)) - log_deviation) */
/* v_sum_1 = sum((x - mean) / exp(log_deviation) * (1 / exp(log_deviation))) */
/* sub_2 = sum(... / ... * (... / ...)) * exp(log_deviation) - float64(size(x, 0)) */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const float64 log_deviation,
        const float64 mean, const float64 *restrict x, float64 *restrict v_sum_out,
        float64 *restrict v_sum_1_out, float64 *restrict sub_2_out) {
    const float64 v_exp = exp(log_deviation);
    const float64 true_div = 1.0 / v_exp;
    const float64 cast = to_float64(x_n0);
    float64 sum_total = 0.0;
    float64 sum_total_1 = 0.0;
    float64 sum_total_2 = 0.0;
    if (x_n0 < 16) {
        for (int64 i = 0; i < x_n0; i++) {
            const float64 sub = x[i] - mean;
            const float64 true_div_1 = sub / v_exp;
            const float64 sqr = true_div_1 * true_div_1;
            const float64 mul = (-0.5) * sqr;
            const float64 sub_1 = mul - log_deviation;
            sum_total = sum_total + sub_1;
            const float64 mul_1 = true_div_1 * true_div;
            sum_total_1 = sum_total_1 + mul_1;
            const float64 true_div_2 = true_div_1 / v_exp;
            const float64 mul_2 = true_div_1 * true_div_2;
            sum_total_2 = sum_total_2 + mul_2;
        }
    }
    else {
        float64 sum_total_lanes[16];
        tree_float64 sum_total_tree;
        for (int64 lane = 0; lane < 16; lane++) sum_total_lanes[lane] = -0.0;
        sum_total_tree.blocks = 0;
        float64 sum_total_1_lanes[16];
        tree_float64 sum_total_1_tree;
        for (int64 lane = 0; lane < 16; lane++) sum_total_1_lanes[lane] = -0.0;
        sum_total_1_tree.blocks = 0;
        float64 sum_total_2_lanes[16];
        tree_float64 sum_total_2_tree;
        for (int64 lane = 0; lane < 16; lane++) sum_total_2_lanes[lane] = -0.0;
        sum_total_2_tree.blocks = 0;
        for (int64 i_start = 0; i_start < x_n0; i_start += 512) {
            if (i_start % 65536 == 0 && host->poll(host)) return KG_PYTHON_ERROR;
            const int64 i_stop = x_n0 - i_start < 512 ? x_n0 : i_start + 512;
            const int64 i_last = i_stop - (i_stop - i_start) % 16;
            for (int64 i_base = i_start; i_base < i_last; i_base += 16) {
                for (int64 lane = 0; lane < 16; lane++) {
                    const int64 i = i_base + lane;
                    const float64 sub = x[i] - mean;
                    const float64 true_div_1 = sub / v_exp;
                    const float64 sqr = true_div_1 * true_div_1;
                    const float64 mul = (-0.5) * sqr;
                    const float64 sub_1 = mul - log_deviation;
                    sum_total_lanes[lane] = sum_total_lanes[lane] + sub_1;
                    const float64 mul_1 = true_div_1 * true_div;
                    sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + mul_1;
                    const float64 true_div_2 = true_div_1 / v_exp;
                    const float64 mul_2 = true_div_1 * true_div_2;
                    sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + mul_2;
                }
            }
            for (int64 i = i_last; i < i_stop; i++) {
                const float64 sub = x[i] - mean;
                const float64 true_div_1 = sub / v_exp;
                const float64 sqr = true_div_1 * true_div_1;
                const float64 mul = (-0.5) * sqr;
                const float64 sub_1 = mul - log_deviation;
                sum_total = sum_total + sub_1;
                const float64 mul_1 = true_div_1 * true_div;
                sum_total_1 = sum_total_1 + mul_1;
                const float64 true_div_2 = true_div_1 / v_exp;
                const float64 mul_2 = true_div_1 * true_div_2;
                sum_total_2 = sum_total_2 + mul_2;
            }
            if (i_stop - i_start == 512) {
                block_float64(&sum_total_tree, sum_total_lanes);
                block_float64(&sum_total_1_tree, sum_total_1_lanes);
                block_float64(&sum_total_2_tree, sum_total_2_lanes);
            }
        }
        sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
        sum_total_1 = sum_total_1 + gather_float64(&sum_total_1_tree, sum_total_1_lanes);
        sum_total_2 = sum_total_2 + gather_float64(&sum_total_2_tree, sum_total_2_lanes);
    }
    const float64 v_sum = sum_total;
    const float64 v_sum_1 = sum_total_1;
    const float64 v_sum_2 = sum_total_2;
    const float64 mul_3 = v_sum_2 * v_exp;
    const float64 sub_2 = mul_3 - cast;
    *v_sum_out = v_sum;
    *v_sum_1_out = v_sum_1;
    *sub_2_out = sub_2;
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 x_n0 = values[0].shape[0];
    if (values[0].strides[0] != sizeof(float64) && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;
    float64 *const x = (float64 *)values[0].data;
    const float64 mean = *(const float64 *)values[1].data;
    const float64 log_deviation = *(const float64 *)values[2].data;
    float64 v_sum;
    float64 v_sum_1;
    float64 sub_2;
    status = kernel_0(host, x_n0, log_deviation, mean, x, &v_sum, &v_sum_1, &sub_2);
    if (status) return status;
    if (host->allocate(host, 3, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[3].data = v_sum;
    if (host->allocate(host, 4, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[4].data = v_sum_1;
    if (host->allocate(host, 5, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[5].data = sub_2;
    return KG_DONE;
}
