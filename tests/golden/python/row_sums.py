exp = np.exp

def kernel_0(x_n0, x_n1, x, v_sum):
    # v_sum = sum(exp(x), axis=1)
    for i in range(x_n0):
        sum_total = float64(0.0)
        sum_total_lanes = []
        for j in range(x_n1):
            v_exp = exp(x[i, j])
            sum_total_lanes.append(v_exp)
        sum_total = in_a_tree(sum_total, sum_total_lanes)
        v_sum_1 = sum_total
        v_sum[i] = v_sum_1
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    v_sum = np.empty((x_n0,), 'float64')
    values[1] = v_sum
    kernel_0(x_n0, x_n1, x, v_sum)
    return values
