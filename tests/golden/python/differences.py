def kernel_0(x_n0, subtensor_n0, v_part_, v_part__1, subtensor_transpose, subtensor_transpose_1, sub, v_part__2, v_part__3, add):
    # sub = v_part_ - v_part__1
    # add = ... + ...
    for at in range(x_n0):
        subtensor_transpose[at] = float64(0.0)
    for at_1 in range(x_n0):
        subtensor_transpose_1[at_1] = float64(0.0)
    for i in range(subtensor_n0):
        sub_1 = v_part_[i] - v_part__1[i]
        sub[i] = sub_1
        mul = float64(2.0) * sub_1
        neg = -mul
        v_part__2[i] = neg
        v_part__3[i] = mul
    for j in range(x_n0):
        add_1 = subtensor_transpose[j] + subtensor_transpose_1[j]
        add[j] = add_1
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x = values[0]
    subtensor_n0 = int(slice_length(x_n0, int64(1), int64(9223372036854775806), int64(1)))
    check(subtensor_n0 >= 0, 0, subtensor_n0)
    check((subtensor_n0) == (slice_length(x_n0, int64(-9223372036854775808), int64(-1), int64(1))), 1, subtensor_n0, slice_length(x_n0, int64(-9223372036854775808), int64(-1), int64(1)))
    check(int64(1) != 0, 2)
    v_part_ = x[part(int64(1), int64(9223372036854775806), int64(1)), ...]
    check(int64(1) != 0, 3)
    v_part__1 = x[part(int64(-9223372036854775808), int64(-1), int64(1)), ...]
    sub = np.empty((subtensor_n0,), 'float64')
    values[1] = sub
    add = np.empty((x_n0,), 'float64')
    values[2] = add
    subtensor_transpose = np.empty((x_n0,), 'float64')
    subtensor_transpose_1 = np.empty((x_n0,), 'float64')
    check(int64(1) != 0, 4)
    v_part__2 = subtensor_transpose[part(int64(-9223372036854775808), int64(-1), int64(1)), ...]
    check(int64(1) != 0, 5)
    v_part__3 = subtensor_transpose_1[part(int64(1), int64(9223372036854775806), int64(1)), ...]
    kernel_0(x_n0, subtensor_n0, v_part_, v_part__1, subtensor_transpose, subtensor_transpose_1, sub, v_part__2, v_part__3, add)
    return values
