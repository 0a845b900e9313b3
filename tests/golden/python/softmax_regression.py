divide = np.true_divide

exp = np.exp

log1p = np.log1p

magnitude = np.abs

def to_float64(x):
    return convert(np.asarray(x), 'float64')[()]

def kernel_0(w_n1, x_n0, product, b, t, v_sum, add, mul, sub, v_exp, neg, v_sum_blocks):
    # neg = -(1 / float64(size(t, 0)) * t - exp(... - ...) / sum(exp(...), axis=1) * sum(1 / ... * t, axis=1))
    # v_sum = sum(1 / float64(size(t, 0)) * t - exp(... - ...) / sum(exp(...), axis=1) * sum(1 / ... * t, axis=1), axis=0)
    # neg_2 = -(sum(t * (product + ... - peak(..., axis=1) - log1p(... + ...))) / float64(size(t, 0)))
    cast = to_float64(x_n0)
    if cast == 0:
        warn(4)
    true_div = divide(float64(1.0), cast)
    sum_total = float64(0.0)
    for i in range(w_n1):
        v_sum[i] = float64(0.0)
    v_sum_counted = int64(0)
    sum_total_lanes = []
    for j in range(x_n0):
        peak_best = float64("-inf")
        sum_total_1 = float64(0.0)
        sum_total_1_lanes = []
        for i in range(w_n1):
            add_1 = product[j, i] + b[i]
            add[i] = add_1
            peak_best = peak_best if peak_best > add_1 or peak_best != peak_best else add_1
            mul_1 = true_div * t[j, i]
            mul[i] = mul_1
            sum_total_1_lanes.append(mul_1)
        sum_total_1 = in_a_tree(sum_total_1, sum_total_1_lanes)
        peak = peak_best
        v_sum_1 = sum_total_1
        v_abs = magnitude(peak)
        lt = float64(600.0) < v_abs
        lt_1 = v_abs < float64("inf")
        mul_2 = lt * lt_1
        v_switch = peak if mul_2 else float64(0.0)
        sum_total_2 = float64(0.0)
        sum_total_3 = float64(0.0)
        sum_total_4 = float64(0.0)
        sum_total_2_lanes = []
        sum_total_3_lanes = []
        sum_total_4_lanes = []
        for i in range(w_n1):
            sub_1 = add[i] - peak
            sub[i] = sub_1
            lt_2 = sub_1 < float64(0.0)
            v_exp_1 = exp(sub_1)
            v_switch_1 = v_exp_1 if lt_2 else float64(0.0)
            sum_total_2_lanes.append(v_switch_1)
            v_switch_2 = float64(0.0) if lt_2 else float64(1.0)
            sum_total_3_lanes.append(v_switch_2)
            sub_2 = add[i] - v_switch
            v_exp_2 = exp(sub_2)
            v_exp[i] = v_exp_2
            sum_total_4_lanes.append(v_exp_2)
        sum_total_2 = in_a_tree(sum_total_2, sum_total_2_lanes)
        sum_total_3 = in_a_tree(sum_total_3, sum_total_3_lanes)
        sum_total_4 = in_a_tree(sum_total_4, sum_total_4_lanes)
        v_sum_2 = sum_total_2
        v_sum_3 = sum_total_3
        v_sum_4 = sum_total_4
        sub_3 = v_sum_3 - float64(1.0)
        add_2 = v_sum_2 + sub_3
        v_log1p = log1p(add_2)
        sum_total_part = float64(0.0)
        sum_total_part_lanes = []
        for i in range(w_n1):
            sub_4 = sub[i] - v_log1p
            mul_3 = t[j, i] * sub_4
            sum_total_part_lanes.append(mul_3)
            true_div_1 = divide(v_exp[i], v_sum_4)
            mul_4 = true_div_1 * v_sum_1
            sub_5 = mul[i] - mul_4
            neg_1 = -sub_5
            neg[j, i] = neg_1
            v_sum[i] = v_sum[i] + sub_5
        sum_total_part = in_a_tree(sum_total_part, sum_total_part_lanes)
        sum_total_lanes.append(sum_total_part)
        v_sum_counted += 1
        if is_whole(v_sum_counted, j, x_n0):
            whole_block(v_sum, v_sum_blocks, v_sum_counted)
    sum_total = in_a_tree(sum_total, sum_total_lanes)
    all_blocks(v_sum, v_sum_blocks, v_sum_counted)
    v_sum_5 = sum_total
    if cast == 0:
        warn(5)
    true_div_2 = divide(v_sum_5, cast)
    neg_2 = -true_div_2
    return neg_2

def kernel_1(w_n1, v_sum, neg_3):
    # neg_3 = -v_sum
    for i in range(w_n1):
        neg_4 = -v_sum[i]
        neg_3[i] = neg_4
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    w_n0 = int(values[0].shape[1])
    x = values[0]
    w_n1 = int(values[1].shape[1])
    t = values[1]
    w = values[2]
    b = values[3]
    check((w_n0) == (values[2].shape[0]), 0, w_n0, values[2].shape[0])
    check((values[2].shape[1]) == (values[3].shape[0]), 1, values[2].shape[1], values[3].shape[0])
    check((values[1].shape[0]) == (x_n0), 2, values[1].shape[0], x_n0)
    check((w_n1) == (values[2].shape[1]), 3, w_n1, values[2].shape[1])
    product = values[7] = matmul(x, w)
    neg = np.empty((x_n0, w_n1,), 'float64')
    values[8] = neg
    v_sum = np.empty((w_n1,), 'float64')
    add = np.empty((w_n1,), 'float64')
    mul = np.empty((w_n1,), 'float64')
    sub = np.empty((w_n1,), 'float64')
    v_exp = np.empty((w_n1,), 'float64')
    v_sum_arrays = int((0 if x_n0 < 64 else 1 + (int(x_n0) // 512).bit_length()))
    v_sum_blocks = np.empty((v_sum_arrays, w_n1,), 'float64')
    neg_2 = kernel_0(w_n1, x_n0, product, b, t, v_sum, add, mul, sub, v_exp, neg, v_sum_blocks)
    values[4] = np.array(neg_2, 'float64')
    product_1 = values[5] = matmul(x.T, neg)
    neg_3 = np.empty((w_n1,), 'float64')
    values[6] = neg_3
    kernel_1(w_n1, v_sum, neg_3)
    return values
