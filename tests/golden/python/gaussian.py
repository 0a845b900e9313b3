divide = np.true_divide

exp = np.exp

def to_float64(x):
    return convert(np.asarray(x), 'float64')[()]

def kernel_0(x_n0, log_deviation, mean, x):
    # v_sum = sum(-0.5 * sqr((x - mean) / exp(log_deviation)) - log_deviation)
    # v_sum_1 = sum((x - mean) / exp(log_deviation) * (1 / exp(log_deviation)))
    # sub_2 = sum(... / ... * (... / ...)) * exp(log_deviation) - float64(size(x, 0))
    v_exp = exp(log_deviation)
    true_div = divide(float64(1.0), v_exp)
    cast = to_float64(x_n0)
    sum_total = float64(0.0)
    sum_total_1 = float64(0.0)
    sum_total_2 = float64(0.0)
    sum_total_lanes = []
    sum_total_1_lanes = []
    sum_total_2_lanes = []
    for i in range(x_n0):
        sub = x[i] - mean
        true_div_1 = divide(sub, v_exp)
        sqr = true_div_1 * true_div_1
        mul = float64(-0.5) * sqr
        sub_1 = mul - log_deviation
        sum_total_lanes.append(sub_1)
        mul_1 = true_div_1 * true_div
        sum_total_1_lanes.append(mul_1)
        true_div_2 = divide(true_div_1, v_exp)
        mul_2 = true_div_1 * true_div_2
        sum_total_2_lanes.append(mul_2)
    sum_total = in_a_tree(sum_total, sum_total_lanes)
    sum_total_1 = in_a_tree(sum_total_1, sum_total_1_lanes)
    sum_total_2 = in_a_tree(sum_total_2, sum_total_2_lanes)
    v_sum = sum_total
    v_sum_1 = sum_total_1
    v_sum_2 = sum_total_2
    mul_3 = v_sum_2 * v_exp
    sub_2 = mul_3 - cast
    return v_sum, v_sum_1, sub_2

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x = values[0]
    mean = values[1][()]
    log_deviation = values[2][()]
    v_sum, v_sum_1, sub_2 = kernel_0(x_n0, log_deviation, mean, x)
    values[3] = np.array(v_sum, 'float64')
    values[4] = np.array(v_sum_1, 'float64')
    values[5] = np.array(sub_2, 'float64')
    return values
