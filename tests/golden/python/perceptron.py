divide = np.true_divide

exp = np.exp

log1p = np.log1p

magnitude = np.abs

tanh = np.tanh

def to_float64(x):
    return convert(np.asarray(x), 'float64')[()]

def kernel_0(x_n0, v_n1, w_n1, product, a, t, v_tanh, sub, mul, v_sum):
    # cast = float64(size(t, 0))
    # v_tanh = tanh(product + a)
    # sub = 1 - sqr(tanh(product + a))
    # ...
    cast = to_float64(x_n0)
    if cast == 0:
        warn(6)
    true_div = divide(float64(1.0), cast)
    for i in range(x_n0):
        for j in range(v_n1):
            add = product[i, j] + a[j]
            v_tanh_1 = tanh(add)
            v_tanh[i, j] = v_tanh_1
            sqr = v_tanh_1 * v_tanh_1
            sub_1 = float64(1.0) - sqr
            sub[i, j] = sub_1
        sum_total = float64(0.0)
        sum_total_lanes = []
        for k in range(w_n1):
            mul_1 = true_div * t[i, k]
            mul[i, k] = mul_1
            sum_total_lanes.append(mul_1)
        sum_total = in_a_tree(sum_total, sum_total_lanes)
        v_sum_1 = sum_total
        v_sum[i] = v_sum_1
    return cast

def kernel_1(w_n1, x_n0, cast, product_1, b, t, v_sum, mul, v_sum_2, add_1, sub_2, v_exp, neg, v_sum_2_blocks):
    # neg = -(mul - exp(product_1 + ... - switch(..., ..., 0)) / sum(exp(... - ...), axis=1) * v_sum)
    # v_sum_2 = sum(mul - exp(product_1 + ... - switch(..., ..., 0)) / sum(exp(... - ...), axis=1) * v_sum, axis=0)
    # neg_2 = -(sum(t * (product_1 + b - peak(product_1 + ..., axis=1) - log1p(sum(..., axis=1) + (... - 1)))) / cast)
    sum_total_1 = float64(0.0)
    for i in range(w_n1):
        v_sum_2[i] = float64(0.0)
    v_sum_2_counted = int64(0)
    sum_total_1_lanes = []
    for j in range(x_n0):
        peak_best = float64("-inf")
        for i in range(w_n1):
            add_2 = product_1[j, i] + b[i]
            add_1[i] = add_2
            peak_best = peak_best if peak_best > add_2 or peak_best != peak_best else add_2
        peak = peak_best
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
            sub_3 = add_1[i] - peak
            sub_2[i] = sub_3
            lt_2 = sub_3 < float64(0.0)
            v_exp_1 = exp(sub_3)
            v_switch_1 = v_exp_1 if lt_2 else float64(0.0)
            sum_total_2_lanes.append(v_switch_1)
            v_switch_2 = float64(0.0) if lt_2 else float64(1.0)
            sum_total_3_lanes.append(v_switch_2)
            sub_4 = add_1[i] - v_switch
            v_exp_2 = exp(sub_4)
            v_exp[i] = v_exp_2
            sum_total_4_lanes.append(v_exp_2)
        sum_total_2 = in_a_tree(sum_total_2, sum_total_2_lanes)
        sum_total_3 = in_a_tree(sum_total_3, sum_total_3_lanes)
        sum_total_4 = in_a_tree(sum_total_4, sum_total_4_lanes)
        v_sum_3 = sum_total_2
        v_sum_4 = sum_total_3
        v_sum_5 = sum_total_4
        sub_5 = v_sum_4 - float64(1.0)
        add_3 = v_sum_3 + sub_5
        v_log1p = log1p(add_3)
        sum_total_1_part = float64(0.0)
        sum_total_1_part_lanes = []
        for i in range(w_n1):
            sub_6 = sub_2[i] - v_log1p
            mul_3 = t[j, i] * sub_6
            sum_total_1_part_lanes.append(mul_3)
            true_div_1 = divide(v_exp[i], v_sum_5)
            mul_4 = true_div_1 * v_sum[j]
            sub_7 = mul[j, i] - mul_4
            neg_1 = -sub_7
            neg[j, i] = neg_1
            v_sum_2[i] = v_sum_2[i] + sub_7
        sum_total_1_part = in_a_tree(sum_total_1_part, sum_total_1_part_lanes)
        sum_total_1_lanes.append(sum_total_1_part)
        v_sum_2_counted += 1
        if is_whole(v_sum_2_counted, j, x_n0):
            whole_block(v_sum_2, v_sum_2_blocks, v_sum_2_counted)
    sum_total_1 = in_a_tree(sum_total_1, sum_total_1_lanes)
    all_blocks(v_sum_2, v_sum_2_blocks, v_sum_2_counted)
    v_sum_6 = sum_total_1
    if cast == 0:
        warn(7)
    true_div_2 = divide(v_sum_6, cast)
    neg_2 = -true_div_2
    return neg_2

def kernel_2(v_n1, x_n0, product_2, sub, v_sum_7, mul_5, v_sum_7_blocks):
    # mul_5 = product_2 * sub
    # v_sum_7 = sum(product_2 * sub, axis=0)
    for i in range(v_n1):
        v_sum_7[i] = float64(0.0)
    v_sum_7_counted = int64(0)
    for j in range(x_n0):
        for i in range(v_n1):
            mul_6 = product_2[j, i] * sub[j, i]
            mul_5[j, i] = mul_6
            v_sum_7[i] = v_sum_7[i] + mul_6
        v_sum_7_counted += 1
        if is_whole(v_sum_7_counted, j, x_n0):
            whole_block(v_sum_7, v_sum_7_blocks, v_sum_7_counted)
    all_blocks(v_sum_7, v_sum_7_blocks, v_sum_7_counted)
    return None

def kernel_3(w_n1, v_sum_2, neg_3):
    # neg_3 = -v_sum_2
    for i in range(w_n1):
        neg_4 = -v_sum_2[i]
        neg_3[i] = neg_4
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    v_n0 = int(values[0].shape[1])
    x = values[0]
    w_n1 = int(values[1].shape[1])
    t = values[1]
    v_n1 = int(values[2].shape[1])
    v = values[2]
    a = values[3]
    w = values[4]
    b = values[5]
    check((v_n0) == (values[2].shape[0]), 0, v_n0, values[2].shape[0])
    check((v_n1) == (values[3].shape[0]), 1, v_n1, values[3].shape[0])
    check((v_n1) == (values[4].shape[0]), 2, v_n1, values[4].shape[0])
    check((values[4].shape[1]) == (values[5].shape[0]), 3, values[4].shape[1], values[5].shape[0])
    check((values[1].shape[0]) == (x_n0), 4, values[1].shape[0], x_n0)
    check((w_n1) == (values[4].shape[1]), 5, w_n1, values[4].shape[1])
    product = values[11] = matmul(x, v)
    v_tanh = np.empty((x_n0, v_n1,), 'float64')
    values[12] = v_tanh
    sub = np.empty((x_n0, v_n1,), 'float64')
    mul = np.empty((x_n0, w_n1,), 'float64')
    v_sum = np.empty((x_n0,), 'float64')
    cast = kernel_0(x_n0, v_n1, w_n1, product, a, t, v_tanh, sub, mul, v_sum)
    product_1 = values[13] = matmul(v_tanh, w)
    neg = np.empty((x_n0, w_n1,), 'float64')
    values[14] = neg
    v_sum_2 = np.empty((w_n1,), 'float64')
    add_1 = np.empty((w_n1,), 'float64')
    sub_2 = np.empty((w_n1,), 'float64')
    v_exp = np.empty((w_n1,), 'float64')
    v_sum_2_arrays = int((0 if x_n0 < 64 else 1 + (int(x_n0) // 512).bit_length()))
    v_sum_2_blocks = np.empty((v_sum_2_arrays, w_n1,), 'float64')
    neg_2 = kernel_1(w_n1, x_n0, cast, product_1, b, t, v_sum, mul, v_sum_2, add_1, sub_2, v_exp, neg, v_sum_2_blocks)
    values[6] = np.array(neg_2, 'float64')
    product_2 = values[15] = matmul(neg, w.T)
    mul_5 = np.empty((x_n0, v_n1,), 'float64')
    values[16] = mul_5
    v_sum_7 = np.empty((v_n1,), 'float64')
    values[8] = v_sum_7
    v_sum_7_arrays = int((0 if x_n0 < 64 else 1 + (int(x_n0) // 512).bit_length()))
    v_sum_7_blocks = np.empty((v_sum_7_arrays, v_n1,), 'float64')
    kernel_2(v_n1, x_n0, product_2, sub, v_sum_7, mul_5, v_sum_7_blocks)
    product_3 = values[7] = matmul(x.T, mul_5)
    product_4 = values[9] = matmul(v_tanh.T, neg)
    neg_3 = np.empty((w_n1,), 'float64')
    values[10] = neg_3
    kernel_3(w_n1, v_sum_2, neg_3)
    return values
