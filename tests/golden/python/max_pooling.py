divide = np.true_divide

floor_quotient = np.floor_divide

def to_float64(x):
    return convert(np.asarray(x), 'float64')[()]

def to_int64(x):
    return convert(np.asarray(x), 'int64')[()]

def kernel_0(x_n0, x_n1, strided_n0, strided_n1, v_part_, strided_transpose, v_max, eq, v_part__1):
    # v_max = max(v_part_, axis=(2, 3))
    # strided_transpose = strided_transpose(..., ..., ..., 2, 2, ..., ...)
    for at in range(x_n0):
        for at_1 in range(x_n1):
            strided_transpose[at, at_1] = float64(0.0)
    for i in range(strided_n0):
        for j in range(strided_n1):
            max_best = float64("-inf")
            for k in range(2):
                for l in range(2):
                    strided = v_part_[i, j, k, l]
                    max_best = max_best if max_best > strided or max_best != max_best else strided
            v_max_1 = max_best
            v_max[i, j] = v_max_1
            mul = float64(2.0) * v_max_1
            sum_total = int64(0)
            for k in range(2):
                for l in range(2):
                    eq_1 = v_part_[i, j, k, l] == v_max_1
                    eq[k, l] = eq_1
                    sum_total = sum_total + to_int64(eq_1)
            v_sum = sum_total
            cast = to_float64(v_sum)
            true_div = divide(mul, cast)
            for k in range(2):
                for l in range(2):
                    v_switch = true_div if eq[k, l] else float64(0.0)
                    v_part__1[i, j, k, l] = v_part__1[i, j, k, l] + v_switch
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    size = int(x_n0 - int64(2))
    size_1 = int(floor_quotient(size, int64(2)))
    size_2 = int(size_1 + int64(1))
    strided_n0 = int(size_2 if size_2 > int64(0) or size_2 != size_2 else int64(0))
    check(strided_n0 >= 0, 0, strided_n0)
    size_3 = int(x_n1 - int64(2))
    size_4 = int(floor_quotient(size_3, int64(2)))
    size_5 = int(size_4 + int64(1))
    strided_n1 = int(size_5 if size_5 > int64(0) or size_5 != size_5 else int64(0))
    check(strided_n1 >= 0, 1, strided_n1)
    v_part_ = at_strides(x, (strided_n0, strided_n1, 2, 2,), (((0, 2),), ((1, 2),), ((0, 1),), ((1, 1),)))
    v_max = np.empty((strided_n0, strided_n1,), 'float64')
    values[1] = v_max
    strided_transpose = np.empty((x_n0, x_n1,), 'float64')
    values[2] = strided_transpose
    eq = np.empty((2, 2,), 'bool')
    v_part__1 = at_strides(strided_transpose, (strided_n0, strided_n1, 2, 2,), (((0, 2),), ((1, 2),), ((0, 1),), ((1, 1),)))
    kernel_0(x_n0, x_n1, strided_n0, strided_n1, v_part_, strided_transpose, v_max, eq, v_part__1)
    return values
