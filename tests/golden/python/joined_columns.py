exp = np.exp

def padded(n, before, after):
    if before < 0 or after < 0:
        return -1
    total = int(n) + int(before) + int(after)
    return -(2**63) if n < 0 or total >= 2**63 else total


def kernel_0(x_n0, pad_n1, x_n1, y_n1, join_n1, x, y, join, v_part__2, v_part__1, pad, v_exp, x_1, v_part__3, y_1, v_part__4, mul, add):
    # join = memory(size(exp(x), 0), padded_size(size(exp(x), 1), size(y, 1), size(pad(x, 1, ...), 1)))
    # v_exp = exp(x)
    # pad = pad(x, 1, padded_size(size(x, 1), 1, 0))
    # ...
    for at in range(x_n0):
        for at_1 in range(pad_n1):
            pad[at, at_1] = float64(0.0)
    for i in range(x_n0):
        for j in range(x_n1):
            v_exp_1 = exp(x[i, j])
            v_exp[i, j] = v_exp_1
            x_1[i, j] = x[i, j]
            v_part__3[i, j] = v_exp_1
        for k in range(y_n1):
            y_1[i, k] = y[i, k]
    for i in range(x_n0):
        for l in range(pad_n1):
            v_part__4[i, l] = pad[i, l]
    for i in range(x_n0):
        for m in range(join_n1):
            mul_1 = float64(2.0) * join[i, m]
            mul[i, m] = mul_1
    for i in range(x_n0):
        for j in range(x_n1):
            mul_2 = v_part__2[i, j] * v_exp[i, j]
            add_1 = v_part__1[i, j] + mul_2
            add[i, j] = add_1
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    y_n1 = int(values[1].shape[1])
    y = values[1]
    pad_n1 = int(padded(x_n1, int64(1), int64(0)))
    check(pad_n1 >= 0, 0, pad_n1)
    join_n1 = int(padded(x_n1, y_n1, pad_n1))
    check(join_n1 >= 0, 1, join_n1)
    block_n1 = int(pad_n1)
    check(block_n1 >= 0, 2, block_n1)
    check((x_n0) == (values[1].shape[0]), 3, x_n0, values[1].shape[0])
    join = np.empty((x_n0, join_n1,), 'float64')
    values[2] = join
    v_exp = np.empty((x_n0, x_n1,), 'float64')
    pad = np.empty((x_n0, pad_n1,), 'float64')
    mul = np.empty((x_n0, join_n1,), 'float64')
    add = np.empty((x_n0, x_n1,), 'float64')
    values[3] = add
    v_part_ = mul[:, block(x_n1 + y_n1, block_n1), ...]
    v_part__1 = v_part_[:, block(int64(1), x_n1), ...]
    v_part__2 = mul[:, block(int64(0), x_n1), ...]
    x_1 = pad[:, block(int64(1), x_n1), ...]
    v_part__3 = join[:, block(int64(0), x_n1), ...]
    y_1 = join[:, block(x_n1, y_n1), ...]
    v_part__4 = join[:, block(x_n1 + y_n1, pad_n1), ...]
    kernel_0(x_n0, pad_n1, x_n1, y_n1, join_n1, x, y, join, v_part__2, v_part__1, pad, v_exp, x_1, v_part__3, y_1, v_part__4, mul, add)
    return values
