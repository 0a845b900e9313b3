divide = np.true_divide

exp = np.exp

magnitude = np.abs

def kernel_0(x_n0, x_n1, x, v_exp, true_div):
    # true_div = exp(x - switch(... * ..., peak(x, axis=1), 0)) / sum(exp(x - switch(..., ..., 0)), axis=1)
    for i in range(x_n0):
        peak_best = float64("-inf")
        for j in range(x_n1):
            x_1 = x[i, j]
            peak_best = peak_best if peak_best > x_1 or peak_best != peak_best else x_1
        peak = peak_best
        v_abs = magnitude(peak)
        lt = float64(600.0) < v_abs
        lt_1 = v_abs < float64("inf")
        mul = lt * lt_1
        v_switch = peak if mul else float64(0.0)
        sum_total = float64(0.0)
        sum_total_lanes = []
        for j in range(x_n1):
            sub = x[i, j] - v_switch
            v_exp_1 = exp(sub)
            v_exp[j] = v_exp_1
            sum_total_lanes.append(v_exp_1)
        sum_total = in_a_tree(sum_total, sum_total_lanes)
        v_sum = sum_total
        for j in range(x_n1):
            true_div_1 = divide(v_exp[j], v_sum)
            true_div[i, j] = true_div_1
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    true_div = np.empty((x_n0, x_n1,), 'float64')
    values[1] = true_div
    v_exp = np.empty((x_n1,), 'float64')
    kernel_0(x_n0, x_n1, x, v_exp, true_div)
    return values
