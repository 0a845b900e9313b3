divide = np.true_divide

exp = np.exp

log1p = np.log1p

magnitude = np.abs

def to_float64(x):
    return convert(np.asarray(x), 'float64')[()]

def kernel_0(w_n0, x_n0, b, y, x, w, dot, gt, add, dot_blocks, sub):
    # gt = sigmoid(dot(x, w) + b) > 0.5
    # add = y * softplus(-(dot(x, w) + b)) + (1 - y) * softplus(dot(x, w) + b)
    # sub_3 = b - 0.1 * sum(1 / ... * (1 - y) * sigmoid(... + ...) - 1 / ... * y * sigmoid(-...))
    # ...
    cast = to_float64(x_n0)
    if cast == 0:
        warn(2)
    true_div = divide(float64(1.0), cast)
    sum_total = float64(0.0)
    for i in range(w_n0):
        dot[i] = float64(0.0)
    dot_counted = int64(0)
    sum_total_lanes = []
    for j in range(x_n0):
        sub_1 = float64(1.0) - y[j]
        mul = true_div * sub_1
        mul_1 = true_div * y[j]
        dot_total = float64(0.0)
        dot_total_lanes = []
        for i in range(w_n0):
            dot_total_lanes.append(x[j, i] * w[i])
        dot_total = in_a_tree(dot_total, dot_total_lanes)
        dot_1 = dot_total
        add_1 = dot_1 + b
        sigmoid = (1 if add_1 >= 0 else exp(-magnitude(add_1))) / (1 + exp(-magnitude(add_1)))
        gt_1 = sigmoid > float64(0.5)
        gt[j] = gt_1
        neg = -add_1
        softplus = (neg if neg > 0 else 0) + log1p(exp(-magnitude(neg)))
        mul_2 = y[j] * softplus
        softplus_1 = (add_1 if add_1 > 0 else 0) + log1p(exp(-magnitude(add_1)))
        mul_3 = sub_1 * softplus_1
        add_2 = mul_2 + mul_3
        add[j] = add_2
        mul_4 = mul * sigmoid
        sigmoid_1 = (1 if neg >= 0 else exp(-magnitude(neg))) / (1 + exp(-magnitude(neg)))
        mul_5 = mul_1 * sigmoid_1
        sub_2 = mul_4 - mul_5
        sum_total_lanes.append(sub_2)
        for i in range(w_n0):
            dot[i] = dot[i] + (x[j, i] * sub_2)
        dot_counted += 1
        if is_whole(dot_counted, j, x_n0):
            whole_block(dot, dot_blocks, dot_counted)
    sum_total = in_a_tree(sum_total, sum_total_lanes)
    all_blocks(dot, dot_blocks, dot_counted)
    v_sum = sum_total
    mul_6 = float64(0.1) * v_sum
    sub_3 = b - mul_6
    for i in range(w_n0):
        mul_7 = float64(0.02) * w[i]
        add_3 = mul_7 + dot[i]
        mul_8 = float64(0.1) * add_3
        sub_4 = w[i] - mul_8
        sub[i] = sub_4
    return sub_3

def program(values, call):
    x_n0 = int(values[0].shape[0])
    w_n0 = int(values[0].shape[1])
    x = values[0]
    y = values[1]
    w = values[2]
    b = values[3][()]
    check((w_n0) == (values[2].shape[0]), 0, w_n0, values[2].shape[0])
    check((values[1].shape[0]) == (x_n0), 1, values[1].shape[0], x_n0)
    gt = np.empty((x_n0,), 'bool')
    values[4] = gt
    add = np.empty((x_n0,), 'float64')
    values[5] = add
    sub = np.empty((w_n0,), 'float64')
    values[6] = sub
    dot = np.empty((w_n0,), 'float64')
    dot_arrays = int((0 if x_n0 < 64 else 1 + (int(x_n0) // 512).bit_length()))
    dot_blocks = np.empty((dot_arrays, w_n0,), 'float64')
    sub_3 = kernel_0(w_n0, x_n0, b, y, x, w, dot, gt, add, dot_blocks, sub)
    values[7] = np.array(sub_3, 'float64')
    return values
