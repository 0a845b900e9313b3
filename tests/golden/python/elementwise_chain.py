exp = np.exp

def to_float64(x):
    return convert(np.asarray(x), 'float64')[()]

def kernel_0(x_n0, x, y, add):
    # add = exp(x) * y + sqrt(y)
    for i in range(x_n0):
        v_exp = exp(x[i])
        mul = v_exp * to_float64(y[i])
        v_sqrt = sqrt(y[i])
        add_1 = mul + to_float64(v_sqrt)
        add[i] = add_1
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x = values[0]
    y = values[1]
    check((x_n0) == (values[1].shape[0]), 0, x_n0, values[1].shape[0])
    add = np.empty((x_n0,), 'float64')
    values[2] = add
    kernel_0(x_n0, x, y, add)
    return values
