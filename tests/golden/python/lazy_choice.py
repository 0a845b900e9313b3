exp = np.exp

def kernel_0(v_k):
    # gt = v_k > 0
    gt = v_k > float64(0.0)
    return gt

def kernel_1(x_n0_1, x_1, v_exp):
    # v_exp = exp(x_1)
    for i in range(x_n0_1):
        v_exp_1 = exp(x_1[i])
        v_exp[i] = v_exp_1
    return None

def kernel_2(x_n0_2, x_2, sqr):
    # sqr = sqr(x_2)
    for i in range(x_n0_2):
        x_3 = x_2[i]
        sqr_1 = x_3 * x_3
        sqr[i] = sqr_1
    return None

def program(values, call):
    v_k = values[0][()]
    x_n0 = int(values[1].shape[0])
    x = values[1]
    gt = kernel_0(v_k)
    if gt:
        x_n0_1 = int(x_n0)
        x_1 = x
        v_exp = np.empty((x_n0_1,), 'float64')
        values[2] = v_exp
        kernel_1(x_n0_1, x_1, v_exp)
    else:
        x_n0_2 = int(x_n0)
        x_2 = x
        sqr = np.empty((x_n0_2,), 'float64')
        values[2] = sqr
        kernel_2(x_n0_2, x_2, sqr)
    ifelse_n0 = int(values[2].shape[0])
    check(ifelse_n0 >= 0, 0, ifelse_n0)
    input = values[2]
    return values
