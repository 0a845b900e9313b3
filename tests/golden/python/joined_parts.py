exp = np.exp

def padded(n, before, after):
    if before < 0 or after < 0:
        return -1
    total = int(n) + int(before) + int(after)
    return -(2**63) if n < 0 or total >= 2**63 else total


def kernel_0(pad_n0, y_n0, subtensor_n0_1, subtensor_n0, join_n0, x_n0, block_n0, block_n0_1, y, v_part__1, v_part_, join, v_part__2, v_part__3, v_part__5, pad, v_exp, v_part__6, mul, v_part__7, v_part__8, v_part__9, mul_1, subtensor_transpose, v_part__10, subtensor_transpose_1, v_part__11, add, mul_2):
    # join = memory(padded_size(size(v_part_, 0), size(pad(..., 1, ...), 0), size(v_part__1 * 2, 0)))
    # v_exp = exp(y)
    # pad = pad(exp(y), 1, padded_size(size(y, 0), 1, 2))
    # ...
    for at in range(pad_n0):
        pad[at] = float64(0.0)
    for i in range(y_n0):
        v_exp_1 = exp(y[i])
        v_exp[i] = v_exp_1
        v_part__6[i] = v_exp_1
    for j in range(subtensor_n0_1):
        mul_3 = v_part__1[j] * float64(2.0)
        mul[j] = mul_3
        v_part__7[j] = mul_3
    for k in range(subtensor_n0):
        v_part__8[k] = v_part_[k]
    for l in range(pad_n0):
        v_part__9[l] = pad[l]
    for m in range(join_n0):
        mul_4 = float64(2.0) * join[m]
        mul_1[m] = mul_4
    for at_1 in range(x_n0):
        subtensor_transpose[at_1] = float64(0.0)
    for iteration in range(block_n0):
        mul_5 = v_part__2[iteration] * float64(2.0)
        v_part__10[iteration] = mul_5
    for at_2 in range(x_n0):
        subtensor_transpose_1[at_2] = float64(0.0)
    for iteration_1 in range(block_n0_1):
        v_part__11[iteration_1] = v_part__3[iteration_1]
    for iteration_2 in range(x_n0):
        add_1 = subtensor_transpose[iteration_2] + subtensor_transpose_1[iteration_2]
        add[iteration_2] = add_1
    for i in range(y_n0):
        mul_6 = v_part__5[i] * v_exp[i]
        mul_2[i] = mul_6
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x = values[0]
    y_n0 = int(values[1].shape[0])
    y = values[1]
    subtensor_n0 = int(slice_length(x_n0, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
    check(subtensor_n0 >= 0, 0, subtensor_n0)
    pad_n0 = int(padded(y_n0, int64(1), int64(2)))
    check(pad_n0 >= 0, 1, pad_n0)
    subtensor_n0_1 = int(slice_length(x_n0, int64(1), int64(9223372036854775806), int64(1)))
    check(subtensor_n0_1 >= 0, 2, subtensor_n0_1)
    join_n0 = int(padded(subtensor_n0, pad_n0, subtensor_n0_1))
    check(join_n0 >= 0, 3, join_n0)
    block_n0 = int(subtensor_n0_1)
    check(block_n0 >= 0, 4, block_n0)
    block_n0_1 = int(subtensor_n0)
    check(block_n0_1 >= 0, 5, block_n0_1)
    block_n0_2 = int(pad_n0)
    check(block_n0_2 >= 0, 6, block_n0_2)
    check(int64(-1) != 0, 7)
    v_part_ = x[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), ...]
    check(int64(1) != 0, 8)
    v_part__1 = x[part(int64(1), int64(9223372036854775806), int64(1)), ...]
    join = np.empty((join_n0,), 'float64')
    values[2] = join
    v_exp = np.empty((y_n0,), 'float64')
    pad = np.empty((pad_n0,), 'float64')
    mul = np.empty((subtensor_n0_1,), 'float64')
    mul_1 = np.empty((join_n0,), 'float64')
    add = np.empty((x_n0,), 'float64')
    values[3] = add
    mul_2 = np.empty((y_n0,), 'float64')
    values[4] = mul_2
    subtensor_transpose = np.empty((x_n0,), 'float64')
    subtensor_transpose_1 = np.empty((x_n0,), 'float64')
    v_part__2 = mul_1[block((slice_length(x_n0, int64(9223372036854775806), int64(-9223372036854775808), int64(-1))) + (padded(y_n0, int64(1), int64(2))), block_n0), ...]
    v_part__3 = mul_1[block(int64(0), block_n0_1), ...]
    v_part__4 = mul_1[block(slice_length(x_n0, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), block_n0_2), ...]
    v_part__5 = v_part__4[block(int64(1), y_n0), ...]
    v_part__6 = pad[block(int64(1), y_n0), ...]
    v_part__7 = join[block(subtensor_n0 + pad_n0, subtensor_n0_1), ...]
    v_part__8 = join[block(int64(0), subtensor_n0), ...]
    v_part__9 = join[block(subtensor_n0, pad_n0), ...]
    check(int64(1) != 0, 9)
    v_part__10 = subtensor_transpose[part(int64(1), int64(9223372036854775806), int64(1)), ...]
    check(int64(-1) != 0, 10)
    v_part__11 = subtensor_transpose_1[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), ...]
    kernel_0(pad_n0, y_n0, subtensor_n0_1, subtensor_n0, join_n0, x_n0, block_n0, block_n0_1, y, v_part__1, v_part_, join, v_part__2, v_part__3, v_part__5, pad, v_exp, v_part__6, mul, v_part__7, v_part__8, v_part__9, mul_1, subtensor_transpose, v_part__10, subtensor_transpose_1, v_part__11, add, mul_2)
    return values
