def kernel_0(x_n0, strided_n1, strided_n2, filters_n2, filters_n3, filters_n0, x_n1, x_n2, v_part_, filters, v_sum_1, v_sum, mul, v_sum_2, v_sum_1_blocks, strided_transpose, v_part__1):
    # v_sum = sum(v_part_ * filters, axis=(1, 4, 5))
    # v_sum_2 = sum(2 * sum(v_part_ * filters, axis=(1, 4, 5)) * v_part_, axis=(2, 3))
    # strided_transpose = strided_transpose(..., ..., ..., ..., ..., ..., ..., ..., ...)
    for i in range(x_n0):
        for j in range(strided_n1):
            for k in range(strided_n2):
                for l in range(filters_n2):
                    for m in range(filters_n3):
                        v_sum_1[i, j, k, l, m] = float64(0.0)
    v_sum_1_counted = int64(0)
    for iteration in range(filters_n0):
        for j in range(strided_n1):
            for k in range(strided_n2):
                v_sum[iteration, j, k] = float64(0.0)
        for i in range(x_n0):
            for j in range(strided_n1):
                for k in range(strided_n2):
                    for l in range(filters_n2):
                        for m in range(filters_n3):
                            mul_1 = v_part_[i, j, k, l, m] * filters[iteration, i, l, m]
                            v_sum[iteration, j, k] = v_sum[iteration, j, k] + mul_1
        for j in range(strided_n1):
            for k in range(strided_n2):
                mul_2 = float64(2.0) * v_sum[iteration, j, k]
                mul[j, k] = mul_2
        for i in range(x_n0):
            for l in range(filters_n2):
                for m in range(filters_n3):
                    v_sum_2[iteration, i, l, m] = float64(0.0)
            for j in range(strided_n1):
                for k in range(strided_n2):
                    for l in range(filters_n2):
                        for m in range(filters_n3):
                            mul_3 = mul[j, k] * filters[iteration, i, l, m]
                            v_sum_1[i, j, k, l, m] = v_sum_1[i, j, k, l, m] + mul_3
                            mul_4 = mul[j, k] * v_part_[i, j, k, l, m]
                            v_sum_2[iteration, i, l, m] = v_sum_2[iteration, i, l, m] + mul_4
        v_sum_1_counted += 1
        if is_whole(v_sum_1_counted, iteration, filters_n0):
            whole_block(v_sum_1, v_sum_1_blocks, v_sum_1_counted)
    all_blocks(v_sum_1, v_sum_1_blocks, v_sum_1_counted)
    for at in range(x_n0):
        for at_1 in range(x_n1):
            for at_2 in range(x_n2):
                strided_transpose[at, at_1, at_2] = float64(0.0)
    for i in range(x_n0):
        for j in range(strided_n1):
            for k in range(strided_n2):
                for l in range(filters_n2):
                    for m in range(filters_n3):
                        v_part__1[i, j, k, l, m] = v_part__1[i, j, k, l, m] + v_sum_1[i, j, k, l, m]
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x_n2 = int(values[0].shape[2])
    x = values[0]
    filters_n0 = int(values[1].shape[0])
    filters_n2 = int(values[1].shape[2])
    filters_n3 = int(values[1].shape[3])
    filters = values[1]
    size = int(x_n1 - filters_n2)
    size_1 = int(size + int64(1))
    strided_n1 = int(size_1 if size_1 > int64(0) or size_1 != size_1 else int64(0))
    check(strided_n1 >= 0, 0, strided_n1)
    size_2 = int(x_n2 - filters_n3)
    size_3 = int(size_2 + int64(1))
    strided_n2 = int(size_3 if size_3 > int64(0) or size_3 != size_3 else int64(0))
    check(strided_n2 >= 0, 1, strided_n2)
    check((x_n0) == (values[1].shape[1]), 2, x_n0, values[1].shape[1])
    v_part_ = at_strides(x, (x_n0, strided_n1, strided_n2, filters_n2, filters_n3,), (((0, 1),), ((1, 1),), ((2, 1),), ((1, 1),), ((2, 1),)))
    v_sum = np.empty((filters_n0, strided_n1, strided_n2,), 'float64')
    values[2] = v_sum
    v_sum_2 = np.empty((filters_n0, x_n0, filters_n2, filters_n3,), 'float64')
    values[4] = v_sum_2
    strided_transpose = np.empty((x_n0, x_n1, x_n2,), 'float64')
    values[3] = strided_transpose
    mul = np.empty((strided_n1, strided_n2,), 'float64')
    v_sum_1 = np.empty((x_n0, strided_n1, strided_n2, filters_n2, filters_n3,), 'float64')
    v_part__1 = at_strides(strided_transpose, (x_n0, strided_n1, strided_n2, filters_n2, filters_n3,), (((0, 1),), ((1, 1),), ((2, 1),), ((1, 1),), ((2, 1),)))
    v_sum_1_arrays = int((0 if filters_n0 < 64 else 1 + (int(filters_n0) // 512).bit_length()))
    v_sum_1_blocks = np.empty((v_sum_1_arrays, x_n0, strided_n1, strided_n2, filters_n2, filters_n3,), 'float64')
    kernel_0(x_n0, strided_n1, strided_n2, filters_n2, filters_n3, filters_n0, x_n1, x_n2, v_part_, filters, v_sum_1, v_sum, mul, v_sum_2, v_sum_1_blocks, strided_transpose, v_part__1)
    return values
