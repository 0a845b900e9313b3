/* v_sum_5 = sum(sqr((x - mean_and_variance(x, axis=1).0) / sqrt(....1 + 1e-05) * gain + bias - t)) */
/* v_sum = sum(2 * (... + ... - t) * ((x - mean_and_variance(x, axis=1).0) / sqrt(....1 + 1e-05)), axis=0) */
/* v_sum_1 = sum(2 * ((x - mean_and_variance(x, axis=1).0) / sqrt(....1 + 1e-05) * gain + bias - t), axis=0) */
/* ... */
static int32_t kernel_0(kg_host *host, const int64 x_n1, const int64 x_n0,
        const float64 *restrict x, const float64 *restrict gain, const float64 *restrict bias,
        const float64 *restrict t, float64 *restrict v_sum, float64 *restrict v_sum_1,
        float64 *restrict mul, float64 *restrict mul_1, float64 *restrict sub,
        float64 *restrict v_sum_blocks, float64 *restrict v_sum_1_blocks, const int64 x_s0,
        const int64 t_s0, float64 *restrict v_sum_5_out) {
    int64 work = 0;
    bool8 flag = 0;
    bool8 flag_1 = 0;
    bool8 flag_2 = 0;
    const float64 cast = to_float64(x_n1);
    flag |= cast == 0;
    const float64 true_div = 2.0 / cast;
    flag_1 |= cast == 0;
    const float64 true_div_1 = 1.0 / cast;
    float64 sum_total = 0.0;
    for (int64 i_start = 0; i_start < x_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = x_n1 - i_start < 65536 ? x_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            v_sum[i] = 0.0;
        }
    }
    for (int64 i_start = 0; i_start < x_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = x_n1 - i_start < 65536 ? x_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            v_sum_1[i] = 0.0;
        }
    }
    int64 v_sum_counted = 0;
    int64 v_sum_1_counted = 0;
    {
        float64 sum_total_lanes[32];
        tree_float64 sum_total_tree;
        for (int64 lane = 0; lane < 32; lane++) sum_total_lanes[lane] = -0.0;
        sum_total_tree.blocks = 0;
        const int64 j_whole = x_n0 - x_n0 % 16;
        for (int64 j = 0; j < x_n0; j++) {
            const int64 j_lane = j < j_whole ? j % 16 : 16 + j - j_whole;
            if (j && j % 512 == 0) {
                block_float64(&sum_total_tree, sum_total_lanes);
            }
            float64 mean_and_variance_count = 0.0;
            float64 mean_and_variance_crumbs = 0.0;
            float64 mean_and_variance_spread = 0.0;
            float64 mean_and_variance_mean = 0.0;
            float64 mean_and_variance_lost = 0.0;
            float64 mean_and_variance_infinite = 0.0;
            for (int64 i = 0; i < x_n1; i++) {
                const float64 x_1 = x[j * x_s0 + i];
                const float64 share = 1 / (mean_and_variance_count + 1);
                const float64 delta = x_1 - mean_and_variance_mean - mean_and_variance_lost;
                const float64 step = delta * share + mean_and_variance_lost;
                const float64 next = mean_and_variance_mean + step;
                const float64 rest = step - (next - mean_and_variance_mean);
                const float64 square = delta * (x_1 - next - rest) + mean_and_variance_crumbs;
                const float64 v_sum_2 = mean_and_variance_spread + square;
                mean_and_variance_count = mean_and_variance_count + 1;
                mean_and_variance_crumbs = square - (v_sum_2 - mean_and_variance_spread);
                mean_and_variance_spread = v_sum_2;
                mean_and_variance_mean = next;
                mean_and_variance_lost = rest;
                mean_and_variance_infinite = mean_and_variance_infinite + (x_1 - x_1 == 0 ? 0 : x_1);
            }
            const float64 mean_and_variance = mean_and_variance_infinite == 0 ? mean_and_variance_mean + 0 / mean_and_variance_count : mean_and_variance_infinite;
            const float64 mean_and_variance_1 = mean_and_variance_spread / mean_and_variance_count;
            flag_2 |= mean_and_variance_count == 0;
            const float64 add = mean_and_variance_1 + (1e-05);
            const float64 v_sqrt = sqrt(add);
            const float64 true_div_2 = 1.0 / v_sqrt;
            const float64 true_div_3 = 0.5 / v_sqrt;
            float64 sum_total_1 = 0.0;
            float64 sum_total_2 = 0.0;
            float64 sum_total_part = 0.0;
            {
                float64 sum_total_part_lanes[16];
                tree_float64 sum_total_part_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_part_lanes[lane] = -0.0;
                sum_total_part_tree.blocks = 0;
                float64 sum_total_1_lanes[16];
                tree_float64 sum_total_1_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_1_lanes[lane] = -0.0;
                sum_total_1_tree.blocks = 0;
                float64 sum_total_2_lanes[16];
                tree_float64 sum_total_2_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_2_lanes[lane] = -0.0;
                sum_total_2_tree.blocks = 0;
                for (int64 i_start = 0; i_start < x_n1; i_start += 512) {
                    const int64 i_stop = x_n1 - i_start < 512 ? x_n1 : i_start + 512;
                    const int64 i_last = i_stop - (i_stop - i_start) % 16;
                    for (int64 i_base = i_start; i_base < i_last; i_base += 16) {
                        for (int64 lane = 0; lane < 16; lane++) {
                            const int64 i = i_base + lane;
                            const float64 sub_1 = x[j * x_s0 + i] - mean_and_variance;
                            const float64 true_div_4 = sub_1 / v_sqrt;
                            const float64 mul_2 = true_div_4 * gain[i];
                            const float64 add_1 = mul_2 + bias[i];
                            const float64 sub_2 = add_1 - t[j * t_s0 + i];
                            const float64 sqr = sub_2 * sub_2;
                            sum_total_part_lanes[lane] = sum_total_part_lanes[lane] + sqr;
                            const float64 mul_3 = 2.0 * sub_2;
                            const float64 mul_4 = mul_3 * gain[i];
                            const float64 mul_5 = mul_4 * true_div_2;
                            mul[i] = mul_5;
                            const float64 true_div_5 = true_div_4 / v_sqrt;
                            const float64 mul_6 = mul_4 * true_div_5;
                            sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + mul_6;
                            const float64 mul_7 = true_div * sub_1;
                            mul_1[i] = mul_7;
                            sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + mul_5;
                            const float64 mul_8 = mul_3 * true_div_4;
                            v_sum[i] = v_sum[i] + mul_8;
                            v_sum_1[i] = v_sum_1[i] + mul_3;
                        }
                    }
                    for (int64 i = i_last; i < i_stop; i++) {
                        const float64 sub_1 = x[j * x_s0 + i] - mean_and_variance;
                        const float64 true_div_4 = sub_1 / v_sqrt;
                        const float64 mul_2 = true_div_4 * gain[i];
                        const float64 add_1 = mul_2 + bias[i];
                        const float64 sub_2 = add_1 - t[j * t_s0 + i];
                        const float64 sqr = sub_2 * sub_2;
                        sum_total_part = sum_total_part + sqr;
                        const float64 mul_3 = 2.0 * sub_2;
                        const float64 mul_4 = mul_3 * gain[i];
                        const float64 mul_5 = mul_4 * true_div_2;
                        mul[i] = mul_5;
                        const float64 true_div_5 = true_div_4 / v_sqrt;
                        const float64 mul_6 = mul_4 * true_div_5;
                        sum_total_1 = sum_total_1 + mul_6;
                        const float64 mul_7 = true_div * sub_1;
                        mul_1[i] = mul_7;
                        sum_total_2 = sum_total_2 + mul_5;
                        const float64 mul_8 = mul_3 * true_div_4;
                        v_sum[i] = v_sum[i] + mul_8;
                        v_sum_1[i] = v_sum_1[i] + mul_3;
                    }
                    if (i_stop - i_start == 512) {
                        block_float64(&sum_total_part_tree, sum_total_part_lanes);
                        block_float64(&sum_total_1_tree, sum_total_1_lanes);
                        block_float64(&sum_total_2_tree, sum_total_2_lanes);
                    }
                }
                sum_total_part = sum_total_part + gather_float64(&sum_total_part_tree, sum_total_part_lanes);
                sum_total_1 = sum_total_1 + gather_float64(&sum_total_1_tree, sum_total_1_lanes);
                sum_total_2 = sum_total_2 + gather_float64(&sum_total_2_tree, sum_total_2_lanes);
            }
            sum_total_lanes[j_lane] = sum_total_lanes[j_lane] + sum_total_part;
            const float64 v_sum_3 = sum_total_1;
            const float64 v_sum_4 = sum_total_2;
            const float64 mul_9 = v_sum_3 * true_div_3;
            const float64 mul_10 = v_sum_4 * true_div_1;
            for (int64 i = 0; i < x_n1; i++) {
                const float64 mul_11 = mul_9 * mul_1[i];
                const float64 sub_3 = mul[i] - mul_11;
                const float64 sub_4 = sub_3 - mul_10;
                sub[j * x_n1 + i] = sub_4;
            }
            v_sum_counted += 1;
            if (j < x_n0 - x_n0 % 8 ? j % 8 == 7 && v_sum_counted % 64 < 8 : v_sum_counted % 64 == 0) whole_block_float64(v_sum, v_sum_blocks, x_n1, v_sum_counted);
            v_sum_1_counted += 1;
            if (j < x_n0 - x_n0 % 8 ? j % 8 == 7 && v_sum_1_counted % 64 < 8 : v_sum_1_counted % 64 == 0) whole_block_float64(v_sum_1, v_sum_1_blocks, x_n1, v_sum_1_counted);
            work += (x_n1 + x_n1) + x_n1;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (int64 lane = 16; lane < 16 + x_n0 - j_whole; lane++) sum_total = sum_total + sum_total_lanes[lane];
        sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
    }
    all_blocks_float64(v_sum, v_sum_blocks, x_n1, v_sum_counted);
    all_blocks_float64(v_sum_1, v_sum_1_blocks, x_n1, v_sum_1_counted);
    const float64 v_sum_5 = sum_total;
    if (flag && !host->warning) host->warning = 5;
    if (flag_1 && !host->warning) host->warning = 6;
    if (flag_2 && !host->warning) host->warning = 7;
    *v_sum_5_out = v_sum_5;
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
    if (values[1].strides[0] != sizeof(float64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 1;
    float64 *const gain = (float64 *)values[1].data;
    if (values[2].strides[0] != sizeof(float64) && host->pack(host, 2, 1)) return KG_NO_ROOM + 2;
    float64 *const bias = (float64 *)values[2].data;
    if (values[3].strides[1] != sizeof(float64) && host->pack(host, 3, 1)) return KG_NO_ROOM + 3;
    float64 *const t = (float64 *)values[3].data;
    const int64 t_s0 = values[3].strides[0] / (int64)sizeof(float64);
    if (x_n1 != values[1].shape[0]) return fail(host, 0, x_n1, values[1].shape[0], 0);
    if (x_n1 != values[2].shape[0]) return fail(host, 1, x_n1, values[2].shape[0], 0);
    if (x_n0 != values[3].shape[0]) return fail(host, 2, x_n0, values[3].shape[0], 0);
    if (x_n1 != values[3].shape[1]) return fail(host, 3, x_n1, values[3].shape[1], 0);
    if (host->allocate(host, 6, (int64[]){x_n1})) return KG_NO_ROOM + 4;
    float64 *const v_sum = (float64 *)values[6].data;
    if (host->allocate(host, 7, (int64[]){x_n1})) return KG_NO_ROOM + 5;
    float64 *const v_sum_1 = (float64 *)values[7].data;
    if (host->allocate(host, 5, (int64[]){x_n0, x_n1})) return KG_NO_ROOM + 6;
    float64 *const sub = (float64 *)values[5].data;
    float64 *const mul = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n1}));
    if (mul == NULL) return KG_NO_ROOM + 7;
    float64 *const mul_1 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n1}));
    if (mul_1 == NULL) return KG_NO_ROOM + 8;
    const int64 v_sum_arrays = (x_n0 < 64 ? 0 : x_n0 < 512 ? 1 : 65 - __builtin_clzll((unsigned long long)(x_n0 / 512)));
    float64 *const v_sum_blocks = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){v_sum_arrays, x_n1}));
    if (v_sum_blocks == NULL) return KG_NO_ROOM + 9;
    const int64 v_sum_1_arrays = (x_n0 < 64 ? 0 : x_n0 < 512 ? 1 : 65 - __builtin_clzll((unsigned long long)(x_n0 / 512)));
    float64 *const v_sum_1_blocks = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){v_sum_1_arrays, x_n1}));
    if (v_sum_1_blocks == NULL) return KG_NO_ROOM + 10;
    float64 v_sum_5;
    status = kernel_0(host, x_n1, x_n0, x, gain, bias, t, v_sum, v_sum_1, mul, mul_1, sub, v_sum_blocks,
            v_sum_1_blocks, x_s0, t_s0, &v_sum_5);
    if (status) return status;
    if (host->allocate(host, 4, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[4].data = v_sum_5;
    return KG_DONE;
}
