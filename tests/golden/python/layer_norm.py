divide = np.true_divide

def to_float64(x):
    return convert(np.asarray(x), 'float64')[()]

def kernel_0(x_n1, x_n0, x, gain, bias, t, v_sum, v_sum_1, mul, mul_1, sub, v_sum_blocks, v_sum_1_blocks):
    # v_sum_5 = sum(sqr((x - mean_and_variance(x, axis=1).0) / sqrt(....1 + 1e-05) * gain + bias - t))
    # v_sum = sum(2 * (... + ... - t) * ((x - mean_and_variance(x, axis=1).0) / sqrt(....1 + 1e-05)), axis=0)
    # v_sum_1 = sum(2 * ((x - mean_and_variance(x, axis=1).0) / sqrt(....1 + 1e-05) * gain + bias - t), axis=0)
    # ...
    cast = to_float64(x_n1)
    if cast == 0:
        warn(4)
    true_div = divide(float64(2.0), cast)
    if cast == 0:
        warn(5)
    true_div_1 = divide(float64(1.0), cast)
    sum_total = float64(0.0)
    for i in range(x_n1):
        v_sum[i] = float64(0.0)
    for i in range(x_n1):
        v_sum_1[i] = float64(0.0)
    v_sum_counted = int64(0)
    v_sum_1_counted = int64(0)
    sum_total_lanes = []
    for j in range(x_n0):
        mean_and_variance_count = float64(0.0)
        mean_and_variance_crumbs = float64(0.0)
        mean_and_variance_spread = float64(0.0)
        mean_and_variance_mean = float64(0.0)
        mean_and_variance_lost = float64(0.0)
        mean_and_variance_infinite = float64(0.0)
        for i in range(x_n1):
            x_1 = x[j, i]
            share = 1 / (mean_and_variance_count + 1)
            delta = x_1 - mean_and_variance_mean - mean_and_variance_lost
            step = delta * share + mean_and_variance_lost
            next = mean_and_variance_mean + step
            rest = step - (next - mean_and_variance_mean)
            square = delta * (x_1 - next - rest) + mean_and_variance_crumbs
            v_sum_2 = mean_and_variance_spread + square
            mean_and_variance_count = mean_and_variance_count + 1
            mean_and_variance_crumbs = square - (v_sum_2 - mean_and_variance_spread)
            mean_and_variance_spread = v_sum_2
            mean_and_variance_mean = next
            mean_and_variance_lost = rest
            mean_and_variance_infinite = mean_and_variance_infinite + (0 if np.isfinite(x_1) else x_1)
        mean_and_variance = mean_and_variance_mean + divide(0, mean_and_variance_count) if mean_and_variance_infinite == 0 else mean_and_variance_infinite
        mean_and_variance_1 = divide(mean_and_variance_spread, mean_and_variance_count)
        if mean_and_variance_count == 0:
            warn(6)
        add = mean_and_variance_1 + float64(1e-05)
        v_sqrt = sqrt(add)
        true_div_2 = divide(float64(1.0), v_sqrt)
        true_div_3 = divide(float64(0.5), v_sqrt)
        sum_total_1 = float64(0.0)
        sum_total_2 = float64(0.0)
        sum_total_part = float64(0.0)
        sum_total_part_lanes = []
        sum_total_1_lanes = []
        sum_total_2_lanes = []
        for i in range(x_n1):
            sub_1 = x[j, i] - mean_and_variance
            true_div_4 = divide(sub_1, v_sqrt)
            mul_2 = true_div_4 * gain[i]
            add_1 = mul_2 + bias[i]
            sub_2 = add_1 - t[j, i]
            sqr = sub_2 * sub_2
            sum_total_part_lanes.append(sqr)
            mul_3 = float64(2.0) * sub_2
            mul_4 = mul_3 * gain[i]
            mul_5 = mul_4 * true_div_2
            mul[i] = mul_5
            true_div_5 = divide(true_div_4, v_sqrt)
            mul_6 = mul_4 * true_div_5
            sum_total_1_lanes.append(mul_6)
            mul_7 = true_div * sub_1
            mul_1[i] = mul_7
            sum_total_2_lanes.append(mul_5)
            mul_8 = mul_3 * true_div_4
            v_sum[i] = v_sum[i] + mul_8
            v_sum_1[i] = v_sum_1[i] + mul_3
        sum_total_part = in_a_tree(sum_total_part, sum_total_part_lanes)
        sum_total_1 = in_a_tree(sum_total_1, sum_total_1_lanes)
        sum_total_2 = in_a_tree(sum_total_2, sum_total_2_lanes)
        sum_total_lanes.append(sum_total_part)
        v_sum_3 = sum_total_1
        v_sum_4 = sum_total_2
        mul_9 = v_sum_3 * true_div_3
        mul_10 = v_sum_4 * true_div_1
        for i in range(x_n1):
            mul_11 = mul_9 * mul_1[i]
            sub_3 = mul[i] - mul_11
            sub_4 = sub_3 - mul_10
            sub[j, i] = sub_4
        v_sum_counted += 1
        if is_whole(v_sum_counted, j, x_n0):
            whole_block(v_sum, v_sum_blocks, v_sum_counted)
        v_sum_1_counted += 1
        if is_whole(v_sum_1_counted, j, x_n0):
            whole_block(v_sum_1, v_sum_1_blocks, v_sum_1_counted)
    sum_total = in_a_tree(sum_total, sum_total_lanes)
    all_blocks(v_sum, v_sum_blocks, v_sum_counted)
    all_blocks(v_sum_1, v_sum_1_blocks, v_sum_1_counted)
    v_sum_5 = sum_total
    return v_sum_5

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    gain = values[1]
    bias = values[2]
    t = values[3]
    check((x_n1) == (values[1].shape[0]), 0, x_n1, values[1].shape[0])
    check((x_n1) == (values[2].shape[0]), 1, x_n1, values[2].shape[0])
    check((x_n0) == (values[3].shape[0]), 2, x_n0, values[3].shape[0])
    check((x_n1) == (values[3].shape[1]), 3, x_n1, values[3].shape[1])
    v_sum = np.empty((x_n1,), 'float64')
    values[6] = v_sum
    v_sum_1 = np.empty((x_n1,), 'float64')
    values[7] = v_sum_1
    sub = np.empty((x_n0, x_n1,), 'float64')
    values[5] = sub
    mul = np.empty((x_n1,), 'float64')
    mul_1 = np.empty((x_n1,), 'float64')
    v_sum_arrays = int((0 if x_n0 < 64 else 1 + (int(x_n0) // 512).bit_length()))
    v_sum_blocks = np.empty((v_sum_arrays, x_n1,), 'float64')
    v_sum_1_arrays = int((0 if x_n0 < 64 else 1 + (int(x_n0) // 512).bit_length()))
    v_sum_1_blocks = np.empty((v_sum_1_arrays, x_n1,), 'float64')
    v_sum_5 = kernel_0(x_n1, x_n0, x, gain, bias, t, v_sum, v_sum_1, mul, mul_1, sub, v_sum_blocks, v_sum_1_blocks)
    values[4] = np.array(v_sum_5, 'float64')
    return values
