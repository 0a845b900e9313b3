/* gt = sigmoid(dot(x, w) + b) > 0.5 */
/* add = y * softplus(-(dot(x, w) + b)) + (1 - y) * softplus(dot(x, w) + b) */
/* sub_3 = b - 0.1 * sum(1 / ... * (1 - y) * sigmoid(... + ...) - 1 / ... * y * sigmoid(-...)) */
/* ... */
static int32_t kernel_0(kg_host *host, const int64 w_n0, const int64 x_n0, const float64 b,
        const float64 *restrict y, const float64 *restrict x, const float64 *restrict w,
        float64 *restrict dot, bool8 *restrict gt, float64 *restrict add,
        float64 *restrict dot_blocks, float64 *restrict sub, const int64 x_s0,
        float64 *restrict sub_3_out) {
    int64 work = 0;
    bool8 flag = 0;
    const float64 cast = to_float64(x_n0);
    flag |= cast == 0;
    const float64 true_div = 1.0 / cast;
    float64 sum_total = 0.0;
    for (int64 i_start = 0; i_start < w_n0; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = w_n0 - i_start < 65536 ? w_n0 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            dot[i] = 0.0;
        }
    }
    int64 dot_counted = 0;
    {
        float64 sum_total_lanes[32];
        tree_float64 sum_total_tree;
        for (int64 lane = 0; lane < 32; lane++) sum_total_lanes[lane] = -0.0;
        sum_total_tree.blocks = 0;
        const int64 j_whole = x_n0 - x_n0 % 16;
        {
            int64 j = 0;
            for (; j + 8 <= x_n0; j += 8) {
                float64 sub_1[8], mul[8], mul_1[8], dot_total[8], sigmoid[8], sub_2[8];
                const int64 j_lane = j < j_whole ? j % 16 : 16 + j - j_whole;
                if (j && j % 512 == 0) {
                    block_float64(&sum_total_tree, sum_total_lanes);
                }
                for (int64 row = 0; row < 8; row++) {
                    sub_1[row] = 1.0 - y[j + row];
                    mul[row] = true_div * sub_1[row];
                    mul_1[row] = true_div * y[j + row];
                    dot_total[row] = 0.0;
                }
                if (w_n0 < 16) {
                    for (int64 i = 0; i < w_n0; i++) {
                        for (int64 row = 0; row < 8; row++) {
                            dot_total[row] = dot_total[row] + (x[(j + row) * x_s0 + i] * w[i]);
                        }
                    }
                }
                else {
                    const int64 i_whole = w_n0 - w_n0 % 16;
                    float64 dot_total_rest[8];
                    for (int64 row = 0; row < 8; row++) dot_total_rest[row] = -0.0;
                    if (i_whole) {
                        _Pragma("GCC unroll 1") for (int64 four = 0; four < 8; four += 4) {
                            float64 dot_total_last[4][16], dot_total_sums[4][16];
                            float64 dot_total_levels[4][24][16];
                            if (i_whole > 512) { _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) dot_total_sums[of_four][lane] = -0.0; }
                            for (int64 i_start = 0; i_start < i_whole; i_start += 512) {
                                const int64 i_stop = i_whole - i_start < 512 ? i_whole : i_start + 512;
                                float64 dot_total_lanes[4][16];
                                for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) dot_total_lanes[of_four][lane] = -0.0;
                                for (int64 i_base = i_start; i_base < i_stop; i_base += 16) {
                                    for (int64 lane = 0; lane < 16; lane++) {
                                        const int64 i = i_base + lane;
                                        for (int64 of_four = 0; of_four < 4; of_four++) {
                                            const int64 row = four + of_four;
                                            dot_total_lanes[of_four][lane] = dot_total_lanes[of_four][lane] + (x[(j + row) * x_s0 + i] * w[i]);
                                        }
                                    }
                                }
                                for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) dot_total_last[of_four][lane] = dot_total_lanes[of_four][lane];
                                if (i_whole > 512) {
                                    _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) dot_total_sums[of_four][lane] = dot_total_sums[of_four][lane] + dot_total_last[of_four][lane];
                                    if (i_stop % 4096 == 0) { _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) add_group_float64(dot_total_levels[of_four], dot_total_sums[of_four], i_stop / 4096 - 1); }
                                }
                            }
                            if (i_whole > 512) { _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) for (int64 lane = 0; lane < 16; lane++) dot_total_last[of_four][lane] = dot_total_sums[of_four][lane]; }
                            if (i_whole >= 4096) { _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) add_levels_float64(dot_total_levels[of_four], dot_total_last[of_four], i_whole / 4096); }
                            _Pragma("GCC unroll 1") for (int64 of_four = 0; of_four < 4; of_four++) dot_total_rest[four + of_four] = reduce_float64(dot_total_last[of_four]);
                        }
                    }
                    for (int64 i = i_whole; i < w_n0; i++) {
                        for (int64 row = 0; row < 8; row++) {
                            dot_total[row] = dot_total[row] + (x[(j + row) * x_s0 + i] * w[i]);
                        }
                    }
                    for (int64 row = 0; row < 8; row++) dot_total[row] = dot_total[row] + dot_total_rest[row];
                }
                for (int64 row = 0; row < 8; row++) {
                    const float64 dot_1 = dot_total[row];
                    const float64 add_1 = dot_1 + b;
                    sigmoid[row] = (add_1 >= 0 ? 1 : exp(-magnitude(add_1))) / (1 + exp(-magnitude(add_1)));
                    const float64 neg = -add_1;
                    const float64 softplus = (neg > 0 ? neg : 0) + log1p(exp(-magnitude(neg)));
                    const float64 mul_2 = y[j + row] * softplus;
                    const float64 softplus_1 = (add_1 > 0 ? add_1 : 0) + log1p(exp(-magnitude(add_1)));
                    const float64 mul_3 = sub_1[row] * softplus_1;
                    const float64 add_2 = mul_2 + mul_3;
                    add[j + row] = add_2;
                    const float64 mul_4 = mul[row] * sigmoid[row];
                    const float64 sigmoid_1 = (neg >= 0 ? 1 : exp(-magnitude(neg))) / (1 + exp(-magnitude(neg)));
                    const float64 mul_5 = mul_1[row] * sigmoid_1;
                    sub_2[row] = mul_4 - mul_5;
                }
                for (int64 row = 0; row < 8; row++) {
                    const bool8 gt_1 = sigmoid[row] > 0.5;
                    gt[j + row] = gt_1;
                    sum_total_lanes[j_lane + row] = sum_total_lanes[j_lane + row] + sub_2[row];
                }
                const int64 i_last = w_n0 - w_n0 % 8;
                for (int64 i_base = 0; i_base < i_last; i_base += 8) {
                    for (int64 lane = 0; lane < 8; lane++) {
                        const int64 i = i_base + lane;
                        for (int64 row = 0; row < 8; row++) {
                            dot[i] = dot[i] + (x[(j + row) * x_s0 + i] * sub_2[row]);
                        }
                    }
                }
                for (int64 i = i_last; i < w_n0; i++) {
                    for (int64 row = 0; row < 8; row++) {
                        dot[i] = dot[i] + (x[(j + row) * x_s0 + i] * sub_2[row]);
                    }
                }
                dot_counted += 8;
                if (dot_counted % 64 < 8) whole_block_float64(dot, dot_blocks, w_n0, dot_counted);
                work += (w_n0 + w_n0) * 8;
                if (work > 262144) {
                    if (host->poll(host)) return KG_PYTHON_ERROR;
                    work = 0;
                }
            }
            for (; j < x_n0; j++) {
                const int64 j_lane = j < j_whole ? j % 16 : 16 + j - j_whole;
                if (j && j % 512 == 0) {
                    block_float64(&sum_total_tree, sum_total_lanes);
                }
                const float64 sub_1 = 1.0 - y[j];
                const float64 mul = true_div * sub_1;
                const float64 mul_1 = true_div * y[j];
                float64 dot_total = 0.0;
                if (w_n0 < 16) {
                    for (int64 i = 0; i < w_n0; i++) {
                        dot_total = dot_total + (x[j * x_s0 + i] * w[i]);
                    }
                }
                else {
                    float64 dot_total_lanes[16];
                    tree_float64 dot_total_tree;
                    for (int64 lane = 0; lane < 16; lane++) dot_total_lanes[lane] = -0.0;
                    dot_total_tree.blocks = 0;
                    for (int64 i_start = 0; i_start < w_n0; i_start += 512) {
                        const int64 i_stop = w_n0 - i_start < 512 ? w_n0 : i_start + 512;
                        const int64 i_last_1 = i_stop - (i_stop - i_start) % 16;
                        for (int64 i_base_1 = i_start; i_base_1 < i_last_1; i_base_1 += 16) {
                            for (int64 lane = 0; lane < 16; lane++) {
                                const int64 i = i_base_1 + lane;
                                dot_total_lanes[lane] = dot_total_lanes[lane] + (x[j * x_s0 + i] * w[i]);
                            }
                        }
                        for (int64 i = i_last_1; i < i_stop; i++) {
                            dot_total = dot_total + (x[j * x_s0 + i] * w[i]);
                        }
                        if (i_stop - i_start == 512) {
                            block_float64(&dot_total_tree, dot_total_lanes);
                        }
                    }
                    dot_total = dot_total + gather_float64(&dot_total_tree, dot_total_lanes);
                }
                const float64 dot_1 = dot_total;
                const float64 add_1 = dot_1 + b;
                const float64 sigmoid = (add_1 >= 0 ? 1 : exp(-magnitude(add_1))) / (1 + exp(-magnitude(add_1)));
                const bool8 gt_1 = sigmoid > 0.5;
                gt[j] = gt_1;
                const float64 neg = -add_1;
                const float64 softplus = (neg > 0 ? neg : 0) + log1p(exp(-magnitude(neg)));
                const float64 mul_2 = y[j] * softplus;
                const float64 softplus_1 = (add_1 > 0 ? add_1 : 0) + log1p(exp(-magnitude(add_1)));
                const float64 mul_3 = sub_1 * softplus_1;
                const float64 add_2 = mul_2 + mul_3;
                add[j] = add_2;
                const float64 mul_4 = mul * sigmoid;
                const float64 sigmoid_1 = (neg >= 0 ? 1 : exp(-magnitude(neg))) / (1 + exp(-magnitude(neg)));
                const float64 mul_5 = mul_1 * sigmoid_1;
                const float64 sub_2 = mul_4 - mul_5;
                sum_total_lanes[j_lane] = sum_total_lanes[j_lane] + sub_2;
                const int64 i_last_2 = w_n0 - w_n0 % 8;
                for (int64 i_base_2 = 0; i_base_2 < i_last_2; i_base_2 += 8) {
                    for (int64 lane = 0; lane < 8; lane++) {
                        const int64 i = i_base_2 + lane;
                        dot[i] = dot[i] + (x[j * x_s0 + i] * sub_2);
                    }
                }
                for (int64 i = i_last_2; i < w_n0; i++) {
                    dot[i] = dot[i] + (x[j * x_s0 + i] * sub_2);
                }
                dot_counted += 1;
                if (j < x_n0 - x_n0 % 8 ? j % 8 == 7 && dot_counted % 64 < 8 : dot_counted % 64 == 0) whole_block_float64(dot, dot_blocks, w_n0, dot_counted);
                work += w_n0 + w_n0;
                if (work > 262144) {
                    if (host->poll(host)) return KG_PYTHON_ERROR;
                    work = 0;
                }
            }
        }
        for (int64 lane = 16; lane < 16 + x_n0 - j_whole; lane++) sum_total = sum_total + sum_total_lanes[lane];
        sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
    }
    all_blocks_float64(dot, dot_blocks, w_n0, dot_counted);
    const float64 v_sum = sum_total;
    const float64 mul_6 = 0.1 * v_sum;
    const float64 sub_3 = b - mul_6;
    for (int64 i_start = 0; i_start < w_n0; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = w_n0 - i_start < 65536 ? w_n0 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 mul_7 = 0.02 * w[i];
            const float64 add_3 = mul_7 + dot[i];
            const float64 mul_8 = 0.1 * add_3;
            const float64 sub_4 = w[i] - mul_8;
            sub[i] = sub_4;
        }
    }
    if (flag && !host->warning) host->warning = 3;
    *sub_3_out = sub_3;
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 x_n0 = values[0].shape[0];
    const int64 w_n0 = values[0].shape[1];
    if (values[0].strides[1] != sizeof(float64) && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;
    float64 *const x = (float64 *)values[0].data;
    const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);
    if (values[1].strides[0] != sizeof(float64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 1;
    float64 *const y = (float64 *)values[1].data;
    if (values[2].strides[0] != sizeof(float64) && host->pack(host, 2, 1)) return KG_NO_ROOM + 2;
    float64 *const w = (float64 *)values[2].data;
    const float64 b = *(const float64 *)values[3].data;
    if (w_n0 != values[2].shape[0]) return fail(host, 0, w_n0, values[2].shape[0], 0);
    if (values[1].shape[0] != x_n0) return fail(host, 1, values[1].shape[0], x_n0, 0);
    if (host->allocate(host, 4, (int64[]){x_n0})) return KG_NO_ROOM + 3;
    bool8 *const gt = (bool8 *)values[4].data;
    if (host->allocate(host, 5, (int64[]){x_n0})) return KG_NO_ROOM + 4;
    float64 *const add = (float64 *)values[5].data;
    if (host->allocate(host, 6, (int64[]){w_n0})) return KG_NO_ROOM + 5;
    float64 *const sub = (float64 *)values[6].data;
    float64 *const dot = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n0}));
    if (dot == NULL) return KG_NO_ROOM + 6;
    const int64 dot_arrays = (x_n0 < 64 ? 0 : x_n0 < 512 ? 1 : 65 - __builtin_clzll((unsigned long long)(x_n0 / 512)));
    float64 *const dot_blocks = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){dot_arrays, w_n0}));
    if (dot_blocks == NULL) return KG_NO_ROOM + 7;
    float64 sub_3;
    status = kernel_0(host, w_n0, x_n0, b, y, x, w, dot, gt, add, dot_blocks, sub, x_s0, &sub_3);
    if (status) return status;
    if (host->allocate(host, 7, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[7].data = sub_3;
    return KG_DONE;
}
