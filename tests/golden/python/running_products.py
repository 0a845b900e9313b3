exp = np.exp

def kernel_0(x_n1, x_n0, x, cumsum_total, cumprod, cumsum):
    # cumprod = cumprod(exp(x), axis=1)
    # cumsum = cumsum(x, axis=0)
    for i in range(x_n1):
        cumsum_total[i] = float64(-0.0)
    for j in range(x_n0):
        cumprod_product = float64(1.0)
        for i in range(x_n1):
            v_exp = exp(x[j, i])
            cumprod_product = cumprod_product * v_exp
            cumprod_1 = cumprod_product
            cumprod[j, i] = cumprod_1
            x_1 = x[j, i]
            cumsum_total[i] = cumsum_total[i] + x_1
            cumsum_1 = cumsum_total[i]
            cumsum[j, i] = cumsum_1
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    cumprod = np.empty((x_n0, x_n1,), 'float64')
    values[1] = cumprod
    cumsum = np.empty((x_n0, x_n1,), 'float64')
    values[2] = cumsum
    cumsum_total = np.empty((x_n1,), 'float64')
    kernel_0(x_n1, x_n0, x, cumsum_total, cumprod, cumsum)
    return values
