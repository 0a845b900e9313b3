/* neg = -(1 / float64(size(t, 0)) * t - exp(... - ...) / sum(exp(...), axis=1) * sum(1 / ... * t, axis=1)) */
/* v_sum = sum(1 / float64(size(t, 0)) * t - exp(... - ...) / sum(exp(...), axis=1) * sum(1 / ... * t, axis=1), axis=0) */
/* neg_2 = -(sum(t * (product + ... - peak(..., axis=1) - log1p(... + ...))) / float64(size(t, 0))) */
static int32_t kernel_0(kg_host *host, const int64 w_n1, const int64 x_n0,
        const float64 *restrict product, const float64 *restrict b, const float64 *restrict t,
        float64 *restrict v_sum, float64 *restrict add, float64 *restrict mul,
        float64 *restrict sub, float64 *restrict v_exp, float64 *restrict neg,
        float64 *restrict v_sum_blocks, const int64 t_s0, float64 *restrict neg_2_out) {
    int64 work = 0;
    bool8 flag = 0;
    bool8 flag_1 = 0;
    const float64 cast = to_float64(x_n0);
    flag |= cast == 0;
    const float64 true_div = 1.0 / cast;
    float64 sum_total = 0.0;
    for (int64 i_start = 0; i_start < w_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = w_n1 - i_start < 65536 ? w_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            v_sum[i] = 0.0;
        }
    }
    int64 v_sum_counted = 0;
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
            float64 peak_best = (-(float64)INFINITY);
            float64 sum_total_1 = 0.0;
            if (w_n1 < 16) {
                for (int64 i = 0; i < w_n1; i++) {
                    const float64 add_1 = product[j * w_n1 + i] + b[i];
                    add[i] = add_1;
                    peak_best = peak_best > add_1 || peak_best != peak_best ? peak_best : add_1;
                    const float64 mul_1 = true_div * t[j * t_s0 + i];
                    mul[i] = mul_1;
                    sum_total_1 = sum_total_1 + mul_1;
                }
            }
            else {
                float64 peak_best_lanes[16];
                for (int64 lane = 0; lane < 16; lane++) peak_best_lanes[lane] = (-(float64)INFINITY);
                float64 sum_total_1_lanes[16];
                tree_float64 sum_total_1_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_1_lanes[lane] = -0.0;
                sum_total_1_tree.blocks = 0;
                for (int64 i_start = 0; i_start < w_n1; i_start += 512) {
                    const int64 i_stop = w_n1 - i_start < 512 ? w_n1 : i_start + 512;
                    const int64 i_last = i_stop - (i_stop - i_start) % 16;
                    for (int64 i_base = i_start; i_base < i_last; i_base += 16) {
                        for (int64 lane = 0; lane < 16; lane++) {
                            const int64 i = i_base + lane;
                            const float64 add_1 = product[j * w_n1 + i] + b[i];
                            add[i] = add_1;
                            const float64 peak_best_now = peak_best_lanes[lane];
                            peak_best_lanes[lane] = peak_best_now > add_1 || peak_best_now != peak_best_now ? peak_best_now : add_1;
                            const float64 mul_1 = true_div * t[j * t_s0 + i];
                            mul[i] = mul_1;
                            sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + mul_1;
                        }
                    }
                    for (int64 i = i_last; i < i_stop; i++) {
                        const float64 add_1 = product[j * w_n1 + i] + b[i];
                        add[i] = add_1;
                        peak_best = peak_best > add_1 || peak_best != peak_best ? peak_best : add_1;
                        const float64 mul_1 = true_div * t[j * t_s0 + i];
                        mul[i] = mul_1;
                        sum_total_1 = sum_total_1 + mul_1;
                    }
                    if (i_stop - i_start == 512) {
                        block_float64(&sum_total_1_tree, sum_total_1_lanes);
                    }
                }
                sum_total_1 = sum_total_1 + gather_float64(&sum_total_1_tree, sum_total_1_lanes);
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
            const float64 v_sum_1 = sum_total_1;
            const float64 v_abs = magnitude(peak);
            const bool8 lt = 600.0 < v_abs;
            const bool8 lt_1 = v_abs < ((float64)INFINITY);
            const bool8 mul_2 = lt * lt_1;
            const float64 v_switch = mul_2 ? peak : 0.0;
            float64 sum_total_2 = 0.0;
            float64 sum_total_3 = 0.0;
            float64 sum_total_4 = 0.0;
            if (w_n1 < 16) {
                for (int64 i = 0; i < w_n1; i++) {
                    const float64 sub_1 = add[i] - peak;
                    sub[i] = sub_1;
                    const bool8 lt_2 = sub_1 < 0.0;
                    const float64 v_exp_1 = exp(sub_1);
                    const float64 v_switch_1 = lt_2 ? v_exp_1 : 0.0;
                    sum_total_2 = sum_total_2 + v_switch_1;
                    const float64 v_switch_2 = lt_2 ? 0.0 : 1.0;
                    sum_total_3 = sum_total_3 + v_switch_2;
                    const float64 sub_2 = add[i] - v_switch;
                    const float64 v_exp_2 = exp(sub_2);
                    v_exp[i] = v_exp_2;
                    sum_total_4 = sum_total_4 + v_exp_2;
                }
            }
            else {
                float64 sum_total_2_lanes[16];
                tree_float64 sum_total_2_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_2_lanes[lane] = -0.0;
                sum_total_2_tree.blocks = 0;
                float64 sum_total_3_lanes[16];
                tree_float64 sum_total_3_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_3_lanes[lane] = -0.0;
                sum_total_3_tree.blocks = 0;
                float64 sum_total_4_lanes[16];
                tree_float64 sum_total_4_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_4_lanes[lane] = -0.0;
                sum_total_4_tree.blocks = 0;
                for (int64 i_start = 0; i_start < w_n1; i_start += 512) {
                    const int64 i_stop = w_n1 - i_start < 512 ? w_n1 : i_start + 512;
                    const int64 i_last_1 = i_stop - (i_stop - i_start) % 16;
                    for (int64 i_base_1 = i_start; i_base_1 < i_last_1; i_base_1 += 16) {
                        for (int64 lane = 0; lane < 16; lane++) {
                            const int64 i = i_base_1 + lane;
                            const float64 sub_1 = add[i] - peak;
                            sub[i] = sub_1;
                            const bool8 lt_2 = sub_1 < 0.0;
                            const float64 v_exp_1 = exp(sub_1);
                            const float64 v_switch_1 = lt_2 ? v_exp_1 : 0.0;
                            sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + v_switch_1;
                            const float64 v_switch_2 = lt_2 ? 0.0 : 1.0;
                            sum_total_3_lanes[lane] = sum_total_3_lanes[lane] + v_switch_2;
                            const float64 sub_2 = add[i] - v_switch;
                            const float64 v_exp_2 = exp(sub_2);
                            v_exp[i] = v_exp_2;
                            sum_total_4_lanes[lane] = sum_total_4_lanes[lane] + v_exp_2;
                        }
                    }
                    for (int64 i = i_last_1; i < i_stop; i++) {
                        const float64 sub_1 = add[i] - peak;
                        sub[i] = sub_1;
                        const bool8 lt_2 = sub_1 < 0.0;
                        const float64 v_exp_1 = exp(sub_1);
                        const float64 v_switch_1 = lt_2 ? v_exp_1 : 0.0;
                        sum_total_2 = sum_total_2 + v_switch_1;
                        const float64 v_switch_2 = lt_2 ? 0.0 : 1.0;
                        sum_total_3 = sum_total_3 + v_switch_2;
                        const float64 sub_2 = add[i] - v_switch;
                        const float64 v_exp_2 = exp(sub_2);
                        v_exp[i] = v_exp_2;
                        sum_total_4 = sum_total_4 + v_exp_2;
                    }
                    if (i_stop - i_start == 512) {
                        block_float64(&sum_total_2_tree, sum_total_2_lanes);
                        block_float64(&sum_total_3_tree, sum_total_3_lanes);
                        block_float64(&sum_total_4_tree, sum_total_4_lanes);
                    }
                }
                sum_total_2 = sum_total_2 + gather_float64(&sum_total_2_tree, sum_total_2_lanes);
                sum_total_3 = sum_total_3 + gather_float64(&sum_total_3_tree, sum_total_3_lanes);
                sum_total_4 = sum_total_4 + gather_float64(&sum_total_4_tree, sum_total_4_lanes);
            }
            const float64 v_sum_2 = sum_total_2;
            const float64 v_sum_3 = sum_total_3;
            const float64 v_sum_4 = sum_total_4;
            const float64 sub_3 = v_sum_3 - 1.0;
            const float64 add_2 = v_sum_2 + sub_3;
            const float64 v_log1p = log1p(add_2);
            float64 sum_total_part = 0.0;
            if (w_n1 < 16) {
                for (int64 i = 0; i < w_n1; i++) {
                    const float64 sub_4 = sub[i] - v_log1p;
                    const float64 mul_3 = t[j * t_s0 + i] * sub_4;
                    sum_total_part = sum_total_part + mul_3;
                    const float64 true_div_1 = v_exp[i] / v_sum_4;
                    const float64 mul_4 = true_div_1 * v_sum_1;
                    const float64 sub_5 = mul[i] - mul_4;
                    const float64 neg_1 = -sub_5;
                    neg[j * w_n1 + i] = neg_1;
                    v_sum[i] = v_sum[i] + sub_5;
                }
            }
            else {
                float64 sum_total_part_lanes[16];
                tree_float64 sum_total_part_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_part_lanes[lane] = -0.0;
                sum_total_part_tree.blocks = 0;
                for (int64 i_start = 0; i_start < w_n1; i_start += 512) {
                    const int64 i_stop = w_n1 - i_start < 512 ? w_n1 : i_start + 512;
                    const int64 i_last_2 = i_stop - (i_stop - i_start) % 16;
                    for (int64 i_base_2 = i_start; i_base_2 < i_last_2; i_base_2 += 16) {
                        for (int64 lane = 0; lane < 16; lane++) {
                            const int64 i = i_base_2 + lane;
                            const float64 sub_4 = sub[i] - v_log1p;
                            const float64 mul_3 = t[j * t_s0 + i] * sub_4;
                            sum_total_part_lanes[lane] = sum_total_part_lanes[lane] + mul_3;
                            const float64 true_div_1 = v_exp[i] / v_sum_4;
                            const float64 mul_4 = true_div_1 * v_sum_1;
                            const float64 sub_5 = mul[i] - mul_4;
                            const float64 neg_1 = -sub_5;
                            neg[j * w_n1 + i] = neg_1;
                            v_sum[i] = v_sum[i] + sub_5;
                        }
                    }
                    for (int64 i = i_last_2; i < i_stop; i++) {
                        const float64 sub_4 = sub[i] - v_log1p;
                        const float64 mul_3 = t[j * t_s0 + i] * sub_4;
                        sum_total_part = sum_total_part + mul_3;
                        const float64 true_div_1 = v_exp[i] / v_sum_4;
                        const float64 mul_4 = true_div_1 * v_sum_1;
                        const float64 sub_5 = mul[i] - mul_4;
                        const float64 neg_1 = -sub_5;
                        neg[j * w_n1 + i] = neg_1;
                        v_sum[i] = v_sum[i] + sub_5;
                    }
                    if (i_stop - i_start == 512) {
                        block_float64(&sum_total_part_tree, sum_total_part_lanes);
                    }
                }
                sum_total_part = sum_total_part + gather_float64(&sum_total_part_tree, sum_total_part_lanes);
            }
            sum_total_lanes[j_lane] = sum_total_lanes[j_lane] + sum_total_part;
            v_sum_counted += 1;
            if (j < x_n0 - x_n0 % 8 ? j % 8 == 7 && v_sum_counted % 64 < 8 : v_sum_counted % 64 == 0) whole_block_float64(v_sum, v_sum_blocks, w_n1, v_sum_counted);
            work += (w_n1 + w_n1) + w_n1;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (int64 lane = 16; lane < 16 + x_n0 - j_whole; lane++) sum_total = sum_total + sum_total_lanes[lane];
        sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
    }
    all_blocks_float64(v_sum, v_sum_blocks, w_n1, v_sum_counted);
    const float64 v_sum_5 = sum_total;
    flag_1 |= cast == 0;
    const float64 true_div_2 = v_sum_5 / cast;
    const float64 neg_2 = -true_div_2;
    if (flag && !host->warning) host->warning = 5;
    if (flag_1 && !host->warning) host->warning = 6;
    *neg_2_out = neg_2;
    return KG_DONE;
}

/* neg_3 = -v_sum */
static int32_t kernel_1(kg_host *host, const int64 w_n1, const float64 *restrict v_sum,
        float64 *restrict neg_3) {
    for (int64 i_start = 0; i_start < w_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = w_n1 - i_start < 65536 ? w_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 neg_4 = -v_sum[i];
            neg_3[i] = neg_4;
        }
    }
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 x_n0 = values[0].shape[0];
    const int64 w_n0 = values[0].shape[1];
    float64 *const x = (float64 *)values[0].data;
    const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);
    const int64 w_n1 = values[1].shape[1];
    if (values[1].strides[1] != sizeof(float64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 0;
    float64 *const t = (float64 *)values[1].data;
    const int64 t_s0 = values[1].strides[0] / (int64)sizeof(float64);
    float64 *const w = (float64 *)values[2].data;
    const int64 w_s0 = values[2].strides[0] / (int64)sizeof(float64);
    if (values[3].strides[0] != sizeof(float64) && host->pack(host, 3, 1)) return KG_NO_ROOM + 1;
    float64 *const b = (float64 *)values[3].data;
    if (w_n0 != values[2].shape[0]) return fail(host, 0, w_n0, values[2].shape[0], 0);
    if (values[2].shape[1] != values[3].shape[0]) return fail(host, 1, values[2].shape[1], values[3].shape[0], 0);
    if (values[1].shape[0] != x_n0) return fail(host, 2, values[1].shape[0], x_n0, 0);
    if (w_n1 != values[2].shape[1]) return fail(host, 3, w_n1, values[2].shape[1], 0);
    /* product = x · w */
    status = host->product(host, 0, KG_AS_IT_IS, 2, KG_AS_IT_IS, 7, KG_NO_ROOM + 2, 0);
    if (status) return status;
    float64 *const product = (float64 *)values[7].data;
    if (host->allocate(host, 8, (int64[]){x_n0, w_n1})) return KG_NO_ROOM + 3;
    float64 *const neg = (float64 *)values[8].data;
    float64 *const v_sum = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (v_sum == NULL) return KG_NO_ROOM + 4;
    float64 *const add = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (add == NULL) return KG_NO_ROOM + 5;
    float64 *const mul = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (mul == NULL) return KG_NO_ROOM + 6;
    float64 *const sub = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (sub == NULL) return KG_NO_ROOM + 7;
    float64 *const v_exp = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (v_exp == NULL) return KG_NO_ROOM + 8;
    const int64 v_sum_arrays = (x_n0 < 64 ? 0 : x_n0 < 512 ? 1 : 65 - __builtin_clzll((unsigned long long)(x_n0 / 512)));
    float64 *const v_sum_blocks = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){v_sum_arrays, w_n1}));
    if (v_sum_blocks == NULL) return KG_NO_ROOM + 9;
    float64 neg_2;
    status = kernel_0(host, w_n1, x_n0, product, b, t, v_sum, add, mul, sub, v_exp, neg, v_sum_blocks,
            t_s0, &neg_2);
    if (status) return status;
    if (host->allocate(host, 4, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[4].data = neg_2;
    /* product_1 = x.T · neg */
    status = host->product(host, 0, KG_TRANSPOSED, 8, KG_AS_IT_IS, 5, KG_NO_ROOM + 10, 1);
    if (status) return status;
    float64 *const product_1 = (float64 *)values[5].data;
    if (host->allocate(host, 6, (int64[]){w_n1})) return KG_NO_ROOM + 11;
    float64 *const neg_3 = (float64 *)values[6].data;
    status = kernel_1(host, w_n1, v_sum, neg_3);
    if (status) return status;
    return KG_DONE;
}
