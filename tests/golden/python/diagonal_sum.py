def kernel_0(strided_n0, x_n0, strided_transpose_n1, broadcast_n0, x_n1, v_part_, strided_transpose, v_part__1, subtensor_transpose, v_part__2):
    # v_sum = sum(v_part_)
    # subtensor_transpose = subtensor_transpose(..., 0, 9223372036854775806, 1, ..., ...)
    sum_total = float64(0.0)
    sum_total_lanes = []
    for i in range(strided_n0):
        sum_total_lanes.append(v_part_[i])
    sum_total = in_a_tree(sum_total, sum_total_lanes)
    v_sum = sum_total
    mul = float64(2.0) * v_sum
    for at in range(x_n0):
        for at_1 in range(strided_transpose_n1):
            strided_transpose[at, at_1] = float64(0.0)
    for j in range(broadcast_n0):
        v_part__1[j] = v_part__1[j] + mul
    for at_2 in range(x_n0):
        for at_3 in range(x_n1):
            subtensor_transpose[at_2, at_3] = float64(0.0)
    for k in range(x_n0):
        for l in range(strided_transpose_n1):
            v_part__2[k, l] = strided_transpose[k, l]
    return v_sum

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    size = int(slice_length(x_n1, int64(0), int64(9223372036854775806), int64(1)))
    strided_n0 = int(x_n0 if x_n0 < size or x_n0 != x_n0 else size)
    check(strided_n0 >= 0, 0, strided_n0)
    broadcast_n0 = int(strided_n0)
    check(broadcast_n0 >= 0, 1, broadcast_n0)
    strided_transpose_n1 = int(size)
    check(strided_transpose_n1 >= 0, 2, strided_transpose_n1)
    v_part_ = at_strides(x, (strided_n0,), (((0, 1), (1, 1)),))
    subtensor_transpose = np.empty((x_n0, x_n1,), 'float64')
    values[2] = subtensor_transpose
    strided_transpose = np.empty((x_n0, strided_transpose_n1,), 'float64')
    v_part__1 = at_strides(strided_transpose, (broadcast_n0,), (((0, 1), (1, 1)),))
    check(int64(1) != 0, 3)
    v_part__2 = subtensor_transpose[:, part(int64(0), int64(9223372036854775806), int64(1)), ...]
    v_sum = kernel_0(strided_n0, x_n0, strided_transpose_n1, broadcast_n0, x_n1, v_part_, strided_transpose, v_part__1, subtensor_transpose, v_part__2)
    values[1] = np.array(v_sum, 'float64')
    return values
