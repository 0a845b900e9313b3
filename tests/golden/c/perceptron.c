/* cast = float64(size(t, 0)) */
/* v_tanh = tanh(product + a) */
/* sub = 1 - sqr(tanh(product + a)) */
/* ... */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 v_n1, const int64 w_n1,
        const float64 *restrict product, const float64 *restrict a, const float64 *restrict t,
        float64 *restrict v_tanh, float64 *restrict sub, float64 *restrict mul,
        float64 *restrict v_sum, const int64 t_s0, float64 *restrict cast_out) {
    int64 work = 0;
    bool8 flag = 0;
    const float64 cast = to_float64(x_n0);
    flag |= cast == 0;
    const float64 true_div = 1.0 / cast;
    {
        int64 i = 0;
        for (; i + 8 <= x_n0; i += 8) {
            float64 sum_total[8];
            for (int64 j = 0; j < v_n1; j++) {
                for (int64 row = 0; row < 8; row++) {
                    const float64 add = product[(i + row) * v_n1 + j] + a[j];
                    const float64 v_tanh_1 = tanh(add);
                    v_tanh[(i + row) * v_n1 + j] = v_tanh_1;
                    const float64 sqr = v_tanh_1 * v_tanh_1;
                    const float64 sub_1 = 1.0 - sqr;
                    sub[(i + row) * v_n1 + j] = sub_1;
                }
            }
            for (int64 row = 0; row < 8; row++) {
                sum_total[row] = 0.0;
            }
            if (w_n1 < 16) {
                for (int64 k = 0; k < w_n1; k++) {
                    for (int64 row = 0; row < 8; row++) {
                        const float64 mul_1 = true_div * t[(i + row) * t_s0 + k];
                        mul[(i + row) * w_n1 + k] = mul_1;
                        sum_total[row] = sum_total[row] + mul_1;
                    }
                }
            }
            else {
                const int64 k_whole = w_n1 - w_n1 % 16;
                float64 sum_total_rest[8];
                for (int64 row = 0; row < 8; row++) sum_total_rest[row] = -0.0;
                if (k_whole) {
                    _Pragma("GCC unroll 1") for (int64 four = 0; four < 8; four += 4) {
                        float64 sum_total_last[4][16], sum_total_sums[4][16];
                        float64 sum_total_levels[4][24][16];
                        if (k_whole > 512) { _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) sum_total_sums[of_four][lane] = -0.0; }
                        for (int64 k_start = 0; k_start < k_whole; k_start += 512) {
                            const int64 k_stop = k_whole - k_start < 512 ? k_whole : k_start + 512;
                            float64 sum_total_lanes[4][16];
                            for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) sum_total_lanes[of_four][lane] = -0.0;
                            for (int64 k_base = k_start; k_base < k_stop; k_base += 16) {
                                for (int64 lane = 0; lane < 16; lane++) {
                                    const int64 k = k_base + lane;
                                    for (int64 of_four = 0; of_four < 4; of_four++) {
                                        const int64 row = four + of_four;
                                        const float64 mul_1 = true_div * t[(i + row) * t_s0 + k];
                                        mul[(i + row) * w_n1 + k] = mul_1;
                                        sum_total_lanes[of_four][lane] = sum_total_lanes[of_four][lane] + mul_1;
                                    }
                                }
                            }
                            for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) sum_total_last[of_four][lane] = sum_total_lanes[of_four][lane];
                            if (k_whole > 512) {
                                _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) sum_total_sums[of_four][lane] = sum_total_sums[of_four][lane] + sum_total_last[of_four][lane];
                                if (k_stop % 4096 == 0) { _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) add_group_float64(sum_total_levels[of_four], sum_total_sums[of_four], k_stop / 4096 - 1); }
                            }
                        }
                        if (k_whole > 512) { _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) sum_total_last[of_four][lane] = sum_total_sums[of_four][lane]; }
                        if (k_whole >= 4096) { _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) add_levels_float64(sum_total_levels[of_four], sum_total_last[of_four], k_whole / 4096); }
                        _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) sum_total_rest[four + of_four] = reduce_float64(sum_total_last[of_four]);
                    }
                }
                for (int64 k = k_whole; k < w_n1; k++) {
                    for (int64 row = 0; row < 8; row++) {
                        const float64 mul_1 = true_div * t[(i + row) * t_s0 + k];
                        mul[(i + row) * w_n1 + k] = mul_1;
                        sum_total[row] = sum_total[row] + mul_1;
                    }
                }
                for (int64 row = 0; row < 8; row++) sum_total[row] = sum_total[row] + sum_total_rest[row];
            }
            for (int64 row = 0; row < 8; row++) {
                const float64 v_sum_1 = sum_total[row];
                v_sum[i + row] = v_sum_1;
            }
            work += (v_n1 + w_n1) * 8;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (; i < x_n0; i++) {
            for (int64 j = 0; j < v_n1; j++) {
                const float64 add = product[i * v_n1 + j] + a[j];
                const float64 v_tanh_1 = tanh(add);
                v_tanh[i * v_n1 + j] = v_tanh_1;
                const float64 sqr = v_tanh_1 * v_tanh_1;
                const float64 sub_1 = 1.0 - sqr;
                sub[i * v_n1 + j] = sub_1;
            }
            float64 sum_total = 0.0;
            if (w_n1 < 16) {
                for (int64 k = 0; k < w_n1; k++) {
                    const float64 mul_1 = true_div * t[i * t_s0 + k];
                    mul[i * w_n1 + k] = mul_1;
                    sum_total = sum_total + mul_1;
                }
            }
            else {
                float64 sum_total_lanes[16];
                tree_float64 sum_total_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_lanes[lane] = -0.0;
                sum_total_tree.blocks = 0;
                for (int64 k_start = 0; k_start < w_n1; k_start += 512) {
                    const int64 k_stop = w_n1 - k_start < 512 ? w_n1 : k_start + 512;
                    const int64 k_last = k_stop - (k_stop - k_start) % 16;
                    for (int64 k_base = k_start; k_base < k_last; k_base += 16) {
                        for (int64 lane = 0; lane < 16; lane++) {
                            const int64 k = k_base + lane;
                            const float64 mul_1 = true_div * t[i * t_s0 + k];
                            mul[i * w_n1 + k] = mul_1;
                            sum_total_lanes[lane] = sum_total_lanes[lane] + mul_1;
                        }
                    }
                    for (int64 k = k_last; k < k_stop; k++) {
                        const float64 mul_1 = true_div * t[i * t_s0 + k];
                        mul[i * w_n1 + k] = mul_1;
                        sum_total = sum_total + mul_1;
                    }
                    if (k_stop - k_start == 512) {
                        block_float64(&sum_total_tree, sum_total_lanes);
                    }
                }
                sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
            }
            const float64 v_sum_1 = sum_total;
            v_sum[i] = v_sum_1;
            work += v_n1 + w_n1;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
    }
    if (flag && !host->warning) host->warning = 7;
    *cast_out = cast;
    return KG_DONE;
}

/* neg = -(mul - exp(product_1 + ... - switch(..., ..., 0)) / sum(exp(... - ...), axis=1) * v_sum) */
/* v_sum_2 = sum(mul - exp(product_1 + ... - switch(..., ..., 0)) / sum(exp(... - ...), axis=1) * v_sum, axis=0) */
/* neg_2 = -(sum(t * (product_1 + b - peak(product_1 + ..., axis=1) - log1p(sum(..., axis=1) + (... - 1)))) / cast) */
static int32_t kernel_1(kg_host *host, const int64 w_n1, const int64 x_n0, const float64 cast,
        const float64 *restrict product_1, const float64 *restrict b, const float64 *restrict t,
        const float64 *restrict v_sum, const float64 *restrict mul, float64 *restrict v_sum_2,
        float64 *restrict add_1, float64 *restrict sub_2, float64 *restrict v_exp,
        float64 *restrict neg, float64 *restrict v_sum_2_blocks, const int64 t_s0,
        float64 *restrict neg_2_out) {
    int64 work = 0;
    bool8 flag_1 = 0;
    float64 sum_total_1 = 0.0;
    for (int64 i_start = 0; i_start < w_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = w_n1 - i_start < 65536 ? w_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            v_sum_2[i] = 0.0;
        }
    }
    int64 v_sum_2_counted = 0;
    {
        float64 sum_total_1_lanes[32];
        tree_float64 sum_total_1_tree;
        for (int64 lane = 0; lane < 32; lane++) sum_total_1_lanes[lane] = -0.0;
        sum_total_1_tree.blocks = 0;
        const int64 j_whole = x_n0 - x_n0 % 16;
        for (int64 j = 0; j < x_n0; j++) {
            const int64 j_lane = j < j_whole ? j % 16 : 16 + j - j_whole;
            if (j && j % 512 == 0) {
                block_float64(&sum_total_1_tree, sum_total_1_lanes);
            }
            float64 peak_best = (-(float64)INFINITY);
            if (w_n1 < 1024) {
                for (int64 i = 0; i < w_n1; i++) {
                    const float64 add_2 = product_1[j * w_n1 + i] + b[i];
                    add_1[i] = add_2;
                    peak_best = peak_best > add_2 || peak_best != peak_best ? peak_best : add_2;
                }
            }
            else {
                float64 peak_best_lanes[16];
                for (int64 lane = 0; lane < 16; lane++) peak_best_lanes[lane] = (-(float64)INFINITY);
                const int64 i_last = w_n1 - w_n1 % 16;
                for (int64 i_base = 0; i_base < i_last; i_base += 16) {
                    for (int64 lane = 0; lane < 16; lane++) {
                        const int64 i = i_base + lane;
                        const float64 add_2 = product_1[j * w_n1 + i] + b[i];
                        add_1[i] = add_2;
                        const float64 peak_best_now = peak_best_lanes[lane];
                        peak_best_lanes[lane] = peak_best_now > add_2 || peak_best_now != peak_best_now ? peak_best_now : add_2;
                    }
                }
                for (int64 i = i_last; i < w_n1; i++) {
                    const float64 add_2 = product_1[j * w_n1 + i] + b[i];
                    add_1[i] = add_2;
                    peak_best = peak_best > add_2 || peak_best != peak_best ? peak_best : add_2;
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
            const bool8 mul_2 = lt * lt_1;
            const float64 v_switch = mul_2 ? peak : 0.0;
            float64 sum_total_2 = 0.0;
            float64 sum_total_3 = 0.0;
            float64 sum_total_4 = 0.0;
            if (w_n1 < 16) {
                for (int64 i = 0; i < w_n1; i++) {
                    const float64 sub_3 = add_1[i] - peak;
                    sub_2[i] = sub_3;
                    const bool8 lt_2 = sub_3 < 0.0;
                    const float64 v_exp_1 = exp(sub_3);
                    const float64 v_switch_1 = lt_2 ? v_exp_1 : 0.0;
                    sum_total_2 = sum_total_2 + v_switch_1;
                    const float64 v_switch_2 = lt_2 ? 0.0 : 1.0;
                    sum_total_3 = sum_total_3 + v_switch_2;
                    const float64 sub_4 = add_1[i] - v_switch;
                    const float64 v_exp_2 = exp(sub_4);
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
                            const float64 sub_3 = add_1[i] - peak;
                            sub_2[i] = sub_3;
                            const bool8 lt_2 = sub_3 < 0.0;
                            const float64 v_exp_1 = exp(sub_3);
                            const float64 v_switch_1 = lt_2 ? v_exp_1 : 0.0;
                            sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + v_switch_1;
                            const float64 v_switch_2 = lt_2 ? 0.0 : 1.0;
                            sum_total_3_lanes[lane] = sum_total_3_lanes[lane] + v_switch_2;
                            const float64 sub_4 = add_1[i] - v_switch;
                            const float64 v_exp_2 = exp(sub_4);
                            v_exp[i] = v_exp_2;
                            sum_total_4_lanes[lane] = sum_total_4_lanes[lane] + v_exp_2;
                        }
                    }
                    for (int64 i = i_last_1; i < i_stop; i++) {
                        const float64 sub_3 = add_1[i] - peak;
                        sub_2[i] = sub_3;
                        const bool8 lt_2 = sub_3 < 0.0;
                        const float64 v_exp_1 = exp(sub_3);
                        const float64 v_switch_1 = lt_2 ? v_exp_1 : 0.0;
                        sum_total_2 = sum_total_2 + v_switch_1;
                        const float64 v_switch_2 = lt_2 ? 0.0 : 1.0;
                        sum_total_3 = sum_total_3 + v_switch_2;
                        const float64 sub_4 = add_1[i] - v_switch;
                        const float64 v_exp_2 = exp(sub_4);
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
            const float64 v_sum_3 = sum_total_2;
            const float64 v_sum_4 = sum_total_3;
            const float64 v_sum_5 = sum_total_4;
            const float64 sub_5 = v_sum_4 - 1.0;
            const float64 add_3 = v_sum_3 + sub_5;
            const float64 v_log1p = log1p(add_3);
            float64 sum_total_1_part = 0.0;
            if (w_n1 < 16) {
                for (int64 i = 0; i < w_n1; i++) {
                    const float64 sub_6 = sub_2[i] - v_log1p;
                    const float64 mul_3 = t[j * t_s0 + i] * sub_6;
                    sum_total_1_part = sum_total_1_part + mul_3;
                    const float64 true_div_1 = v_exp[i] / v_sum_5;
                    const float64 mul_4 = true_div_1 * v_sum[j];
                    const float64 sub_7 = mul[j * w_n1 + i] - mul_4;
                    const float64 neg_1 = -sub_7;
                    neg[j * w_n1 + i] = neg_1;
                    v_sum_2[i] = v_sum_2[i] + sub_7;
                }
            }
            else {
                float64 sum_total_1_part_lanes[16];
                tree_float64 sum_total_1_part_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_1_part_lanes[lane] = -0.0;
                sum_total_1_part_tree.blocks = 0;
                for (int64 i_start = 0; i_start < w_n1; i_start += 512) {
                    const int64 i_stop = w_n1 - i_start < 512 ? w_n1 : i_start + 512;
                    const int64 i_last_2 = i_stop - (i_stop - i_start) % 16;
                    for (int64 i_base_2 = i_start; i_base_2 < i_last_2; i_base_2 += 16) {
                        for (int64 lane = 0; lane < 16; lane++) {
                            const int64 i = i_base_2 + lane;
                            const float64 sub_6 = sub_2[i] - v_log1p;
                            const float64 mul_3 = t[j * t_s0 + i] * sub_6;
                            sum_total_1_part_lanes[lane] = sum_total_1_part_lanes[lane] + mul_3;
                            const float64 true_div_1 = v_exp[i] / v_sum_5;
                            const float64 mul_4 = true_div_1 * v_sum[j];
                            const float64 sub_7 = mul[j * w_n1 + i] - mul_4;
                            const float64 neg_1 = -sub_7;
                            neg[j * w_n1 + i] = neg_1;
                            v_sum_2[i] = v_sum_2[i] + sub_7;
                        }
                    }
                    for (int64 i = i_last_2; i < i_stop; i++) {
                        const float64 sub_6 = sub_2[i] - v_log1p;
                        const float64 mul_3 = t[j * t_s0 + i] * sub_6;
                        sum_total_1_part = sum_total_1_part + mul_3;
                        const float64 true_div_1 = v_exp[i] / v_sum_5;
                        const float64 mul_4 = true_div_1 * v_sum[j];
                        const float64 sub_7 = mul[j * w_n1 + i] - mul_4;
                        const float64 neg_1 = -sub_7;
                        neg[j * w_n1 + i] = neg_1;
                        v_sum_2[i] = v_sum_2[i] + sub_7;
                    }
                    if (i_stop - i_start == 512) {
                        block_float64(&sum_total_1_part_tree, sum_total_1_part_lanes);
                    }
                }
                sum_total_1_part = sum_total_1_part + gather_float64(&sum_total_1_part_tree, sum_total_1_part_lanes);
            }
            sum_total_1_lanes[j_lane] = sum_total_1_lanes[j_lane] + sum_total_1_part;
            v_sum_2_counted += 1;
            if (j < x_n0 - x_n0 % 8 ? j % 8 == 7 && v_sum_2_counted % 64 < 8 : v_sum_2_counted % 64 == 0) whole_block_float64(v_sum_2, v_sum_2_blocks, w_n1, v_sum_2_counted);
            work += (w_n1 + w_n1) + w_n1;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (int64 lane = 16; lane < 16 + x_n0 - j_whole; lane++) sum_total_1 = sum_total_1 + sum_total_1_lanes[lane];
        sum_total_1 = sum_total_1 + gather_float64(&sum_total_1_tree, sum_total_1_lanes);
    }
    all_blocks_float64(v_sum_2, v_sum_2_blocks, w_n1, v_sum_2_counted);
    const float64 v_sum_6 = sum_total_1;
    flag_1 |= cast == 0;
    const float64 true_div_2 = v_sum_6 / cast;
    const float64 neg_2 = -true_div_2;
    if (flag_1 && !host->warning) host->warning = 8;
    *neg_2_out = neg_2;
    return KG_DONE;
}

/* mul_5 = product_2 * sub */
/* v_sum_7 = sum(product_2 * sub, axis=0) */
static int32_t kernel_2(kg_host *host, const int64 v_n1, const int64 x_n0,
        const float64 *restrict product_2, const float64 *restrict sub, float64 *restrict v_sum_7,
        float64 *restrict mul_5, float64 *restrict v_sum_7_blocks) {
    int64 work = 0;
    for (int64 i_start = 0; i_start < v_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = v_n1 - i_start < 65536 ? v_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            v_sum_7[i] = 0.0;
        }
    }
    int64 v_sum_7_counted = 0;
    {
        int64 j = 0;
        for (; j + 8 <= x_n0; j += 8) {
            const int64 i_last = v_n1 - v_n1 % 8;
            for (int64 i_base = 0; i_base < i_last; i_base += 8) {
                for (int64 lane = 0; lane < 8; lane++) {
                    const int64 i = i_base + lane;
                    for (int64 row = 0; row < 8; row++) {
                        const float64 mul_6 = product_2[(j + row) * v_n1 + i] * sub[(j + row) * v_n1 + i];
                        mul_5[(j + row) * v_n1 + i] = mul_6;
                        v_sum_7[i] = v_sum_7[i] + mul_6;
                    }
                }
            }
            for (int64 i = i_last; i < v_n1; i++) {
                for (int64 row = 0; row < 8; row++) {
                    const float64 mul_6 = product_2[(j + row) * v_n1 + i] * sub[(j + row) * v_n1 + i];
                    mul_5[(j + row) * v_n1 + i] = mul_6;
                    v_sum_7[i] = v_sum_7[i] + mul_6;
                }
            }
            v_sum_7_counted += 8;
            if (v_sum_7_counted % 64 < 8) whole_block_float64(v_sum_7, v_sum_7_blocks, v_n1, v_sum_7_counted);
            work += v_n1 * 8;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (; j < x_n0; j++) {
            const int64 i_last_1 = v_n1 - v_n1 % 8;
            for (int64 i_base_1 = 0; i_base_1 < i_last_1; i_base_1 += 8) {
                for (int64 lane = 0; lane < 8; lane++) {
                    const int64 i = i_base_1 + lane;
                    const float64 mul_6 = product_2[j * v_n1 + i] * sub[j * v_n1 + i];
                    mul_5[j * v_n1 + i] = mul_6;
                    v_sum_7[i] = v_sum_7[i] + mul_6;
                }
            }
            for (int64 i = i_last_1; i < v_n1; i++) {
                const float64 mul_6 = product_2[j * v_n1 + i] * sub[j * v_n1 + i];
                mul_5[j * v_n1 + i] = mul_6;
                v_sum_7[i] = v_sum_7[i] + mul_6;
            }
            v_sum_7_counted += 1;
            if (j < x_n0 - x_n0 % 8 ? j % 8 == 7 && v_sum_7_counted % 64 < 8 : v_sum_7_counted % 64 == 0) whole_block_float64(v_sum_7, v_sum_7_blocks, v_n1, v_sum_7_counted);
            work += v_n1;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
    }
    all_blocks_float64(v_sum_7, v_sum_7_blocks, v_n1, v_sum_7_counted);
    return KG_DONE;
}

/* neg_3 = -v_sum_2 */
static int32_t kernel_3(kg_host *host, const int64 w_n1, const float64 *restrict v_sum_2,
        float64 *restrict neg_3) {
    for (int64 i_start = 0; i_start < w_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = w_n1 - i_start < 65536 ? w_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 neg_4 = -v_sum_2[i];
            neg_3[i] = neg_4;
        }
    }
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 x_n0 = values[0].shape[0];
    const int64 v_n0 = values[0].shape[1];
    float64 *const x = (float64 *)values[0].data;
    const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);
    const int64 w_n1 = values[1].shape[1];
    if (values[1].strides[1] != sizeof(float64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 0;
    float64 *const t = (float64 *)values[1].data;
    const int64 t_s0 = values[1].strides[0] / (int64)sizeof(float64);
    const int64 v_n1 = values[2].shape[1];
    float64 *const v = (float64 *)values[2].data;
    const int64 v_s0 = values[2].strides[0] / (int64)sizeof(float64);
    if (values[3].strides[0] != sizeof(float64) && host->pack(host, 3, 1)) return KG_NO_ROOM + 1;
    float64 *const a = (float64 *)values[3].data;
    float64 *const w = (float64 *)values[4].data;
    const int64 w_s0 = values[4].strides[0] / (int64)sizeof(float64);
    if (values[5].strides[0] != sizeof(float64) && host->pack(host, 5, 1)) return KG_NO_ROOM + 2;
    float64 *const b = (float64 *)values[5].data;
    if (v_n0 != values[2].shape[0]) return fail(host, 0, v_n0, values[2].shape[0], 0);
    if (v_n1 != values[3].shape[0]) return fail(host, 1, v_n1, values[3].shape[0], 0);
    if (v_n1 != values[4].shape[0]) return fail(host, 2, v_n1, values[4].shape[0], 0);
    if (values[4].shape[1] != values[5].shape[0]) return fail(host, 3, values[4].shape[1], values[5].shape[0], 0);
    if (values[1].shape[0] != x_n0) return fail(host, 4, values[1].shape[0], x_n0, 0);
    if (w_n1 != values[4].shape[1]) return fail(host, 5, w_n1, values[4].shape[1], 0);
    /* product = x · v */
    status = host->product(host, 0, KG_AS_IT_IS, 2, KG_AS_IT_IS, 11, KG_NO_ROOM + 3, 0);
    if (status) return status;
    float64 *const product = (float64 *)values[11].data;
    if (host->allocate(host, 12, (int64[]){x_n0, v_n1})) return KG_NO_ROOM + 4;
    float64 *const v_tanh = (float64 *)values[12].data;
    float64 *const sub = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){x_n0, v_n1}));
    if (sub == NULL) return KG_NO_ROOM + 5;
    float64 *const mul = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){x_n0, w_n1}));
    if (mul == NULL) return KG_NO_ROOM + 6;
    float64 *const v_sum = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){x_n0}));
    if (v_sum == NULL) return KG_NO_ROOM + 7;
    float64 cast;
    status = kernel_0(host, x_n0, v_n1, w_n1, product, a, t, v_tanh, sub, mul, v_sum, t_s0, &cast);
    if (status) return status;
    /* product_1 = v_tanh · w */
    status = host->product(host, 12, KG_AS_IT_IS, 4, KG_AS_IT_IS, 13, KG_NO_ROOM + 8, 1);
    if (status) return status;
    float64 *const product_1 = (float64 *)values[13].data;
    if (host->allocate(host, 14, (int64[]){x_n0, w_n1})) return KG_NO_ROOM + 9;
    float64 *const neg = (float64 *)values[14].data;
    float64 *const v_sum_2 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (v_sum_2 == NULL) return KG_NO_ROOM + 10;
    float64 *const add_1 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (add_1 == NULL) return KG_NO_ROOM + 11;
    float64 *const sub_2 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (sub_2 == NULL) return KG_NO_ROOM + 12;
    float64 *const v_exp = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (v_exp == NULL) return KG_NO_ROOM + 13;
    const int64 v_sum_2_arrays = (x_n0 < 64 ? 0 : x_n0 < 512 ? 1 : 65 - __builtin_clzll((unsigned long long)(x_n0 / 512)));
    float64 *const v_sum_2_blocks = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){v_sum_2_arrays, w_n1}));
    if (v_sum_2_blocks == NULL) return KG_NO_ROOM + 14;
    float64 neg_2;
    status = kernel_1(host, w_n1, x_n0, cast, product_1, b, t, v_sum, mul, v_sum_2, add_1, sub_2, v_exp,
            neg, v_sum_2_blocks, t_s0, &neg_2);
    if (status) return status;
    if (host->allocate(host, 6, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[6].data = neg_2;
    /* product_2 = neg · w.T */
    status = host->product(host, 14, KG_AS_IT_IS, 4, KG_TRANSPOSED, 15, KG_NO_ROOM + 15, 2);
    if (status) return status;
    float64 *const product_2 = (float64 *)values[15].data;
    if (host->allocate(host, 16, (int64[]){x_n0, v_n1})) return KG_NO_ROOM + 16;
    float64 *const mul_5 = (float64 *)values[16].data;
    if (host->allocate(host, 8, (int64[]){v_n1})) return KG_NO_ROOM + 17;
    float64 *const v_sum_7 = (float64 *)values[8].data;
    const int64 v_sum_7_arrays = (x_n0 < 64 ? 0 : x_n0 < 512 ? 1 : 65 - __builtin_clzll((unsigned long long)(x_n0 / 512)));
    float64 *const v_sum_7_blocks = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){v_sum_7_arrays, v_n1}));
    if (v_sum_7_blocks == NULL) return KG_NO_ROOM + 18;
    status = kernel_2(host, v_n1, x_n0, product_2, sub, v_sum_7, mul_5, v_sum_7_blocks);
    if (status) return status;
    /* product_3 = x.T · mul_5 */
    status = host->product(host, 0, KG_TRANSPOSED, 16, KG_AS_IT_IS, 7, KG_NO_ROOM + 19, 3);
    if (status) return status;
    float64 *const product_3 = (float64 *)values[7].data;
    /* product_4 = v_tanh.T · neg */
    status = host->product(host, 12, KG_TRANSPOSED, 14, KG_AS_IT_IS, 9, KG_NO_ROOM + 20, 4);
    if (status) return status;
    float64 *const product_4 = (float64 *)values[9].data;
    if (host->allocate(host, 10, (int64[]){w_n1})) return KG_NO_ROOM + 21;
    float64 *const neg_3 = (float64 *)values[10].data;
    status = kernel_3(host, w_n1, v_sum_2, neg_3);
    if (status) return status;
    return KG_DONE;
}
