def kernel_0(w_n1, x_n0, input, b, t, v_sum, add, mul, sub, v_exp, true_div, true_div_1, mul_1):
    # cast, true_div, add, max, mul, abs, lt, switch, sub, exp, sum, log, neg
    cast = to_float64(x_n0)
    true_div_2 = divide(float64(1.0), cast)
    sum_total = float64(0.0)
    for i in range(w_n1):
        v_sum[i] = float64(0.0)
    for j in range(x_n0):
        max_best = float64("-inf")
        for i in range(w_n1):
            add_1 = input[j, i] + b[i]
            add[i] = add_1
            max_best = max_best if max_best > add_1 or max_best != max_best else add_1
            mul_2 = true_div_2 * t[j, i]
            mul[i] = mul_2
        v_max = max_best
        v_abs = magnitude(v_max)
        lt = float64(600.0) < v_abs
        lt_1 = v_abs < float64("inf")
        mul_3 = lt * lt_1
        v_switch = v_max if mul_3 else float64(0.0)
        sum_total_1 = float64(0.0)
        sum_total_2 = float64(0.0)
        for i in range(w_n1):
            sub_1 = add[i] - v_max
            sub[i] = sub_1
            v_exp_1 = exp(sub_1)
            sum_total_1 = sum_total_1 + v_exp_1
            sub_2 = add[i] - v_switch
            v_exp_2 = exp(sub_2)
            v_exp[i] = v_exp_2
            sum_total_2 = sum_total_2 + v_exp_2
        v_sum_1 = sum_total_1
        v_sum_2 = sum_total_2
        v_log = log(v_sum_1)
        sum_total_3 = float64(0.0)
        sum_total_4 = float64(0.0)
        for i in range(w_n1):
            sub_3 = sub[i] - v_log
            mul_4 = t[j, i] * sub_3
            sum_total_3 = sum_total_3 + mul_4
            true_div_3 = divide(v_exp[i], v_sum_2)
            true_div[i] = true_div_3
            true_div_4 = divide(mul[i], true_div_3)
            true_div_1[i] = true_div_4
            mul_5 = true_div_4 * true_div_3
            sum_total_4 = sum_total_4 + mul_5
        v_sum_3 = sum_total_3
        v_sum_4 = sum_total_4
        sum_total = sum_total + v_sum_3
        for i in range(w_n1):
            sub_4 = v_sum_4 - true_div_1[i]
            mul_6 = true_div[i] * sub_4
            mul_1[j, i] = mul_6
            v_sum[i] = v_sum[i] + mul_6
    v_sum_5 = sum_total
    true_div_5 = divide(v_sum_5, cast)
    neg = -true_div_5
    return neg

def program(values, call):
    x_n0 = int(values[0].shape[0])
    w_n0 = int(values[0].shape[1])
    x = values[0]
    check(values[1].shape[0] == x_n0, 0, values[1].shape[0], x_n0)
    w_n1 = int(values[1].shape[1])
    t = values[1]
    check(w_n0 == values[2].shape[0], 1, w_n0, values[2].shape[0])
    check(w_n1 == values[2].shape[1], 2, w_n1, values[2].shape[1])
    w = values[2]
    check(w_n1 == values[3].shape[0], 3, w_n1, values[3].shape[0])
    b = values[3]
    call(0, values)
    check(w_n1 == values[7].shape[1], 4, w_n1, values[7].shape[1])
    input = values[7]
    check(w_n1 != 0, 5)
    mul_1 = np.empty((x_n0, w_n1,), 'float64')
    values[8] = mul_1
    v_sum = np.empty((w_n1,), 'float64')
    values[6] = v_sum
    add = np.empty((w_n1,), 'float64')
    mul = np.empty((w_n1,), 'float64')
    sub = np.empty((w_n1,), 'float64')
    v_exp = np.empty((w_n1,), 'float64')
    true_div = np.empty((w_n1,), 'float64')
    true_div_1 = np.empty((w_n1,), 'float64')
    neg = kernel_0(w_n1, x_n0, input, b, t, v_sum, add, mul, sub, v_exp, true_div, true_div_1, mul_1)
    values[4] = np.array(neg, 'float64')
    call(1, values)
    check(w_n0 == values[5].shape[0], 6, w_n0, values[5].shape[0])
    check(w_n1 == values[5].shape[1], 7, w_n1, values[5].shape[1])
    input_1 = values[5]
    return values
