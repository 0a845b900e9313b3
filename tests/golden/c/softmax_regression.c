/* cast, true_div, add, max, mul, abs, lt, switch, sub, exp, sum, log, neg */
static inline __attribute__((always_inline)) int32_t kernel_0(kg_host *host, const int64 w_n1,
        const int64 x_n0, const float64 *restrict input, const float64 *restrict b,
        const float64 *restrict t, float64 *restrict v_sum, float64 *restrict add,
        float64 *restrict mul, float64 *restrict sub, float64 *restrict v_exp,
        float64 *restrict true_div, float64 *restrict true_div_1, float64 *restrict mul_1,
        const int64 input_s0, const int64 input_s1, const int64 b_s0, const int64 t_s0,
        const int64 t_s1, float64 *restrict neg_out) {
    int64 work = 0;
    const float64 cast = to_float64(x_n0);
    const float64 true_div_2 = 1.0 / cast;
    float64 sum_total = 0.0;
    for (int64 i_start = 0; i_start < w_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = w_n1 - i_start < 65536 ? w_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            v_sum[i] = 0.0;
        }
    }
    for (int64 j = 0; j < x_n0; j++) {
        float64 max_best = (-(float64)INFINITY);
        float64 max_best_lanes[16];
        for (int64 lane = 0; lane < 16; lane++) max_best_lanes[lane] = (-(float64)INFINITY);
        int64 i_base = 0;
        for (; i_base + 16 <= w_n1; i_base += 16) {
            for (int64 lane = 0; lane < 16; lane++) {
                const int64 i = i_base + lane;
                const float64 add_1 = input[j * input_s0 + i * input_s1] + b[i * b_s0];
                add[i] = add_1;
                max_best_lanes[lane] = max_best_lanes[lane] > add_1 || max_best_lanes[lane] != max_best_lanes[lane] ? max_best_lanes[lane] : add_1;
                const float64 mul_2 = true_div_2 * t[j * t_s0 + i * t_s1];
                mul[i] = mul_2;
            }
        }
        for (int64 i = i_base; i < w_n1; i++) {
            const float64 add_1 = input[j * input_s0 + i * input_s1] + b[i * b_s0];
            add[i] = add_1;
            max_best = max_best > add_1 || max_best != max_best ? max_best : add_1;
            const float64 mul_2 = true_div_2 * t[j * t_s0 + i * t_s1];
            mul[i] = mul_2;
        }
        for (int64 lane = 0; lane < 8; lane++) max_best_lanes[lane] = max_best_lanes[lane] > max_best_lanes[lane + 8] || max_best_lanes[lane] != max_best_lanes[lane] ? max_best_lanes[lane] : max_best_lanes[lane + 8];
        for (int64 lane = 0; lane < 4; lane++) max_best_lanes[lane] = max_best_lanes[lane] > max_best_lanes[lane + 4] || max_best_lanes[lane] != max_best_lanes[lane] ? max_best_lanes[lane] : max_best_lanes[lane + 4];
        for (int64 lane = 0; lane < 2; lane++) max_best_lanes[lane] = max_best_lanes[lane] > max_best_lanes[lane + 2] || max_best_lanes[lane] != max_best_lanes[lane] ? max_best_lanes[lane] : max_best_lanes[lane + 2];
        for (int64 lane = 0; lane < 1; lane++) max_best_lanes[lane] = max_best_lanes[lane] > max_best_lanes[lane + 1] || max_best_lanes[lane] != max_best_lanes[lane] ? max_best_lanes[lane] : max_best_lanes[lane + 1];
        max_best = max_best > max_best_lanes[0] || max_best != max_best ? max_best : max_best_lanes[0];
        const float64 v_max = max_best;
        const float64 v_abs = magnitude(v_max);
        const bool8 lt = 600.0 < v_abs;
        const bool8 lt_1 = v_abs < ((float64)INFINITY);
        const bool8 mul_3 = lt * lt_1;
        const float64 v_switch = mul_3 ? v_max : 0.0;
        float64 sum_total_1 = 0.0;
        float64 sum_total_2 = 0.0;
        float64 sum_total_1_lanes[16];
        for (int64 lane = 0; lane < 16; lane++) sum_total_1_lanes[lane] = 0.0;
        float64 sum_total_2_lanes[16];
        for (int64 lane = 0; lane < 16; lane++) sum_total_2_lanes[lane] = 0.0;
        int64 i_base_1 = 0;
        for (; i_base_1 + 16 <= w_n1; i_base_1 += 16) {
            for (int64 lane = 0; lane < 16; lane++) {
                const int64 i = i_base_1 + lane;
                const float64 sub_1 = add[i] - v_max;
                sub[i] = sub_1;
                const float64 v_exp_1 = exp(sub_1);
                sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + v_exp_1;
                const float64 sub_2 = add[i] - v_switch;
                const float64 v_exp_2 = exp(sub_2);
                v_exp[i] = v_exp_2;
                sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + v_exp_2;
            }
        }
        for (int64 i = i_base_1; i < w_n1; i++) {
            const float64 sub_1 = add[i] - v_max;
            sub[i] = sub_1;
            const float64 v_exp_1 = exp(sub_1);
            sum_total_1 = sum_total_1 + v_exp_1;
            const float64 sub_2 = add[i] - v_switch;
            const float64 v_exp_2 = exp(sub_2);
            v_exp[i] = v_exp_2;
            sum_total_2 = sum_total_2 + v_exp_2;
        }
        for (int64 lane = 0; lane < 8; lane++) sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + sum_total_1_lanes[lane + 8];
        for (int64 lane = 0; lane < 4; lane++) sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + sum_total_1_lanes[lane + 4];
        for (int64 lane = 0; lane < 2; lane++) sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + sum_total_1_lanes[lane + 2];
        for (int64 lane = 0; lane < 1; lane++) sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + sum_total_1_lanes[lane + 1];
        sum_total_1 = sum_total_1 + sum_total_1_lanes[0];
        for (int64 lane = 0; lane < 8; lane++) sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + sum_total_2_lanes[lane + 8];
        for (int64 lane = 0; lane < 4; lane++) sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + sum_total_2_lanes[lane + 4];
        for (int64 lane = 0; lane < 2; lane++) sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + sum_total_2_lanes[lane + 2];
        for (int64 lane = 0; lane < 1; lane++) sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + sum_total_2_lanes[lane + 1];
        sum_total_2 = sum_total_2 + sum_total_2_lanes[0];
        const float64 v_sum_1 = sum_total_1;
        const float64 v_sum_2 = sum_total_2;
        const float64 v_log = log(v_sum_1);
        float64 sum_total_3 = 0.0;
        float64 sum_total_4 = 0.0;
        float64 sum_total_3_lanes[16];
        for (int64 lane = 0; lane < 16; lane++) sum_total_3_lanes[lane] = 0.0;
        float64 sum_total_4_lanes[16];
        for (int64 lane = 0; lane < 16; lane++) sum_total_4_lanes[lane] = 0.0;
        int64 i_base_2 = 0;
        for (; i_base_2 + 16 <= w_n1; i_base_2 += 16) {
            for (int64 lane = 0; lane < 16; lane++) {
                const int64 i = i_base_2 + lane;
                const float64 sub_3 = sub[i] - v_log;
                const float64 mul_4 = t[j * t_s0 + i * t_s1] * sub_3;
                sum_total_3_lanes[lane] = sum_total_3_lanes[lane] + mul_4;
                const float64 true_div_3 = v_exp[i] / v_sum_2;
                true_div[i] = true_div_3;
                const float64 true_div_4 = mul[i] / true_div_3;
                true_div_1[i] = true_div_4;
                const float64 mul_5 = true_div_4 * true_div_3;
                sum_total_4_lanes[lane] = sum_total_4_lanes[lane] + mul_5;
            }
        }
        for (int64 i = i_base_2; i < w_n1; i++) {
            const float64 sub_3 = sub[i] - v_log;
            const float64 mul_4 = t[j * t_s0 + i * t_s1] * sub_3;
            sum_total_3 = sum_total_3 + mul_4;
            const float64 true_div_3 = v_exp[i] / v_sum_2;
            true_div[i] = true_div_3;
            const float64 true_div_4 = mul[i] / true_div_3;
            true_div_1[i] = true_div_4;
            const float64 mul_5 = true_div_4 * true_div_3;
            sum_total_4 = sum_total_4 + mul_5;
        }
        for (int64 lane = 0; lane < 8; lane++) sum_total_3_lanes[lane] = sum_total_3_lanes[lane] + sum_total_3_lanes[lane + 8];
        for (int64 lane = 0; lane < 4; lane++) sum_total_3_lanes[lane] = sum_total_3_lanes[lane] + sum_total_3_lanes[lane + 4];
        for (int64 lane = 0; lane < 2; lane++) sum_total_3_lanes[lane] = sum_total_3_lanes[lane] + sum_total_3_lanes[lane + 2];
        for (int64 lane = 0; lane < 1; lane++) sum_total_3_lanes[lane] = sum_total_3_lanes[lane] + sum_total_3_lanes[lane + 1];
        sum_total_3 = sum_total_3 + sum_total_3_lanes[0];
        for (int64 lane = 0; lane < 8; lane++) sum_total_4_lanes[lane] = sum_total_4_lanes[lane] + sum_total_4_lanes[lane + 8];
        for (int64 lane = 0; lane < 4; lane++) sum_total_4_lanes[lane] = sum_total_4_lanes[lane] + sum_total_4_lanes[lane + 4];
        for (int64 lane = 0; lane < 2; lane++) sum_total_4_lanes[lane] = sum_total_4_lanes[lane] + sum_total_4_lanes[lane + 2];
        for (int64 lane = 0; lane < 1; lane++) sum_total_4_lanes[lane] = sum_total_4_lanes[lane] + sum_total_4_lanes[lane + 1];
        sum_total_4 = sum_total_4 + sum_total_4_lanes[0];
        const float64 v_sum_3 = sum_total_3;
        const float64 v_sum_4 = sum_total_4;
        sum_total = sum_total + v_sum_3;
        int64 i_base_3 = 0;
        for (; i_base_3 + 16 <= w_n1; i_base_3 += 16) {
            for (int64 lane = 0; lane < 16; lane++) {
                const int64 i = i_base_3 + lane;
                const float64 sub_4 = v_sum_4 - true_div_1[i];
                const float64 mul_6 = true_div[i] * sub_4;
                mul_1[j * w_n1 + i] = mul_6;
                v_sum[i] = v_sum[i] + mul_6;
            }
        }
        for (int64 i = i_base_3; i < w_n1; i++) {
            const float64 sub_4 = v_sum_4 - true_div_1[i];
            const float64 mul_6 = true_div[i] * sub_4;
            mul_1[j * w_n1 + i] = mul_6;
            v_sum[i] = v_sum[i] + mul_6;
        }
        work += ((w_n1 + w_n1) + w_n1) + w_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    const float64 v_sum_5 = sum_total;
    const float64 true_div_5 = v_sum_5 / cast;
    const float64 neg = -true_div_5;
    *neg_out = neg;
    return KG_DONE;
}
static __attribute__((noinline, cold)) int32_t kernel_0_gaps(kg_host *host, const int64 w_n1,
        const int64 x_n0, const float64 *restrict input, const float64 *restrict b,
        const float64 *restrict t, float64 *restrict v_sum, float64 *restrict add,
        float64 *restrict mul, float64 *restrict sub, float64 *restrict v_exp,
        float64 *restrict true_div, float64 *restrict true_div_1, float64 *restrict mul_1,
        const int64 input_s0, const int64 input_s1, const int64 b_s0, const int64 t_s0,
        const int64 t_s1, float64 *restrict neg_out) {
    return kernel_0(host, w_n1, x_n0, input, b, t, v_sum, add, mul, sub, v_exp, true_div,
            true_div_1, mul_1, input_s0, input_s1, b_s0, t_s0, t_s1, neg_out);
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 x_n0 = values[0].shape[0];
    const int64 w_n0 = values[0].shape[1];
    float64 *const x = (float64 *)values[0].data;
    const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);
    const int64 x_s1 = values[0].strides[1] / (int64)sizeof(float64);
    if (values[1].shape[0] != x_n0) return fail(host, 0, values[1].shape[0], x_n0, 0);
    const int64 w_n1 = values[1].shape[1];
    float64 *const t = (float64 *)values[1].data;
    const int64 t_s0 = values[1].strides[0] / (int64)sizeof(float64);
    const int64 t_s1 = values[1].strides[1] / (int64)sizeof(float64);
    if (w_n0 != values[2].shape[0]) return fail(host, 1, w_n0, values[2].shape[0], 0);
    if (w_n1 != values[2].shape[1]) return fail(host, 2, w_n1, values[2].shape[1], 0);
    float64 *const w = (float64 *)values[2].data;
    const int64 w_s0 = values[2].strides[0] / (int64)sizeof(float64);
    const int64 w_s1 = values[2].strides[1] / (int64)sizeof(float64);
    if (w_n1 != values[3].shape[0]) return fail(host, 3, w_n1, values[3].shape[0], 0);
    float64 *const b = (float64 *)values[3].data;
    const int64 b_s0 = values[3].strides[0] / (int64)sizeof(float64);
    if (host->call(host, 0)) return KG_PYTHON_ERROR;
    if (w_n1 != values[7].shape[1]) return fail(host, 4, w_n1, values[7].shape[1], 0);
    float64 *const input = (float64 *)values[7].data;
    const int64 input_s0 = values[7].strides[0] / (int64)sizeof(float64);
    const int64 input_s1 = values[7].strides[1] / (int64)sizeof(float64);
    if (w_n1 == 0) return fail(host, 5, 0, 0, 0);
    if (host->allocate(host, 8, (int64[]){x_n0, w_n1})) return KG_PYTHON_ERROR;
    float64 *const mul_1 = (float64 *)values[8].data;
    if (host->allocate(host, 6, (int64[]){w_n1})) return KG_PYTHON_ERROR;
    float64 *const v_sum = (float64 *)values[6].data;
    float64 *const add = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (add == NULL) return KG_PYTHON_ERROR;
    float64 *const mul = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (mul == NULL) return KG_PYTHON_ERROR;
    float64 *const sub = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (sub == NULL) return KG_PYTHON_ERROR;
    float64 *const v_exp = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (v_exp == NULL) return KG_PYTHON_ERROR;
    float64 *const true_div = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (true_div == NULL) return KG_PYTHON_ERROR;
    float64 *const true_div_1 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){w_n1}));
    if (true_div_1 == NULL) return KG_PYTHON_ERROR;
    float64 neg;
    status = input_s1 == 1 && b_s0 == 1 && t_s1 == 1
        ? kernel_0(host, w_n1, x_n0, input, b, t, v_sum, add, mul, sub, v_exp, true_div, true_div_1,
            mul_1, input_s0, 1, 1, t_s0, 1, &neg)
        : kernel_0_gaps(host, w_n1, x_n0, input, b, t, v_sum, add, mul, sub, v_exp, true_div,
            true_div_1, mul_1, input_s0, input_s1, b_s0, t_s0, t_s1, &neg);
    if (status) return status;
    if (host->allocate(host, 4, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[4].data = neg;
    if (host->call(host, 1)) return KG_PYTHON_ERROR;
    if (w_n0 != values[5].shape[0]) return fail(host, 6, w_n0, values[5].shape[0], 0);
    if (w_n1 != values[5].shape[1]) return fail(host, 7, w_n1, values[5].shape[1], 0);
    float64 *const input_1 = (float64 *)values[5].data;
    const int64 input_1_s0 = values[5].strides[0] / (int64)sizeof(float64);
    const int64 input_1_s1 = values[5].strides[1] / (int64)sizeof(float64);
    return KG_DONE;
}
