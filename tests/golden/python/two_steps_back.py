def elements(x, y):
    count = int(x) * int(y)
    return count if -(2**63) <= count < 2**63 else -(2**63)


tanh = np.tanh

def to_int64(x):
    return convert(np.asarray(x), 'int64')[()]

def kernel_0(x_n0, k_n0):
    # minimum = minimum(size(x, 0), size(v_k, 0))
    minimum = x_n0 if x_n0 < k_n0 or x_n0 != x_n0 else k_n0
    return minimum

def copy(first_n1, v_part_, v_row):
    # scan
    for iteration in range(first_n1):
        v_row[iteration] = v_part_[iteration]
    return None

def copy_1(first_n1, v_part__1, v_row_1):
    # scan
    for iteration_1 in range(first_n1):
        v_row_1[iteration_1] = v_part__1[iteration_1]
    return None

def kernel_3(subtensor_n0_12, input_n0_3, input_n0_2, v_part__8, v_part__6, operand_2, v_part__7, operand_1, add, copy_2):
    # add = sum(v_part__6) * operand_2 * 0.1 + v_part__7 + tanh(v_part__8)
    # copy_2 = copy(operand_1)
    v_tanh = tanh(v_part__8[()])
    sum_total = float64(0.0)
    sum_total_lanes = []
    for i in range(subtensor_n0_12):
        sum_total_lanes.append(v_part__6[i])
    sum_total = in_a_tree(sum_total, sum_total_lanes)
    v_sum = sum_total
    for j in range(input_n0_3):
        mul = v_sum * operand_2[j]
        mul_1 = mul * float64(0.1)
        add_1 = mul_1 + v_part__7[j]
        add_2 = add_1 + v_tanh
        add[j] = add_2
    for k in range(input_n0_2):
        copy_3 = operand_1[k]
        copy_2[k] = copy_3
    return None

def copy_4(first_n1, input_n0_3, add, v_row_6):
    # scan
    for iteration_2 in range(first_n1):
        v_row_6[iteration_2] = add[iteration_2]
    return None

def copy_5(first_n1, input_n0_2, copy_2, v_row_7):
    # scan
    for iteration_3 in range(first_n1):
        v_row_7[iteration_3] = copy_2[iteration_3]
    return None

def kernel_6(first_n1, subtensor_transpose_n0, subtensor_n0, v_part__10, v_part__9, copy_6, copy_7, subtensor_transpose, mul_2, v_part__18):
    # copy_6 = copy(v_part__10)
    # copy_7 = copy(broadcast(0))
    # mul_2 = 2 * v_part__9
    # ...
    for i in range(first_n1):
        copy_8 = v_part__10[i]
        copy_6[i] = copy_8
        copy_9 = float64(0.0)
        copy_7[i] = copy_9
    for at in range(subtensor_transpose_n0):
        for at_1 in range(first_n1):
            subtensor_transpose[at, at_1] = float64(0.0)
    for j in range(subtensor_n0):
        for i in range(first_n1):
            mul_3 = float64(2.0) * v_part__9[j, i]
            mul_2[j, i] = mul_3
            v_part__18[j, i] = mul_3
    return None

def copy_10(first_n1, copy_7, history_2):
    # scan
    for iteration_4 in range(first_n1):
        history_2[iteration_4] = copy_7[iteration_4]
    return None

def copy_11(first_n1, copy_7, history_3):
    # scan
    for iteration_5 in range(first_n1):
        history_3[iteration_5] = copy_7[iteration_5]
    return None

def kernel_9(input_n0_6, input_n0_11, input_n0_7, broadcast_n0, subtensor_n0_13, operand_6, operand_7, operand_5, operand_4, operand_8, v_part__19, subtensor_transpose_1, v_part__20, subtensor_transpose_2, mul_4, v_part__21, subtensor_transpose_3, v_part__22, add_3, subtensor_transpose_4, v_part__23, add_4, mul_5):
    # subtensor_transpose_2 = subtensor_transpose(..., 9223372036854775806, -9223372036854775808, -1, ...)
    # add_4 = operand_8 + ... + subtensor_transpose(..., 1, 9223372036854775806, 1, ...)
    # mul_5 = (operand_6 + operand_7) * 0.1 * sum(v_part__19)
    for at_2 in range(input_n0_6):
        subtensor_transpose_1[at_2] = False
    v_part__20[()] = True
    sum_total_1 = float64(0.0)
    sum_total_2 = float64(0.0)
    for at_3 in range(input_n0_11):
        subtensor_transpose_2[at_3] = float64(0.0)
    sum_total_1_lanes = []
    sum_total_2_lanes = []
    for i in range(input_n0_7):
        add_5 = operand_6[i] + operand_7[i]
        sum_total_1_lanes.append(add_5)
        mul_6 = add_5 * float64(0.1)
        mul_4[i] = mul_6
        mul_7 = mul_6 * operand_5[i]
        sum_total_2_lanes.append(mul_7)
        v_part__21[i] = add_5
    sum_total_1 = in_a_tree(sum_total_1, sum_total_1_lanes)
    sum_total_2 = in_a_tree(sum_total_2, sum_total_2_lanes)
    v_sum_1 = sum_total_1
    v_sum_2 = sum_total_2
    for at_4 in range(input_n0_6):
        subtensor_transpose_3[at_4] = float64(0.0)
    v_part__22[()] = v_sum_1
    for j in range(input_n0_6):
        v_tanh_1 = tanh(operand_4[j])
        sqr = v_tanh_1 * v_tanh_1
        sub = float64(1.0) - sqr
        mul_8 = subtensor_transpose_3[j] * sub
        v_switch = mul_8 if subtensor_transpose_1[j] else float64(0.0)
        add_6 = operand_8[j] + v_switch
        add_3[j] = add_6
    for at_5 in range(input_n0_6):
        subtensor_transpose_4[at_5] = float64(0.0)
    for k in range(broadcast_n0):
        v_part__23[k] = v_sum_2
    for j in range(input_n0_6):
        add_7 = add_3[j] + subtensor_transpose_4[j]
        add_4[j] = add_7
    sum_total_3 = float64(0.0)
    sum_total_3_lanes = []
    for l in range(subtensor_n0_13):
        sum_total_3_lanes.append(v_part__19[l])
    sum_total_3 = in_a_tree(sum_total_3, sum_total_3_lanes)
    v_sum_3 = sum_total_3
    for i in range(input_n0_7):
        mul_9 = mul_4[i] * v_sum_3
        mul_5[i] = mul_9
    return None

def copy_12(first_n1, input_n0_6, add_4, history_2):
    # scan
    for iteration_6 in range(first_n1):
        history_2[iteration_6] = add_4[iteration_6]
    return None

def copy_13(first_n1, input_n0_7, mul_5, history_3):
    # scan
    for iteration_7 in range(first_n1):
        history_3[iteration_7] = mul_5[iteration_7]
    return None

def copy_14(x_n1, input_n0_11, subtensor_transpose_2, v_row_13):
    # scan
    for iteration_8 in range(x_n1):
        v_row_13[iteration_8] = subtensor_transpose_2[iteration_8]
    return None

def kernel_13(x_n0, x_n1, subtensor_n0_11, first_n0, first_n1, v_part__24, history_3, history_2, v_part__17, subtensor_transpose_5, v_part__25, subtensor_transpose_6, subtensor_transpose_7, v_part__26, v_part__27, add_8):
    # subtensor_transpose_5 = subtensor_transpose(v_part__24, -9223372036854775808, minimum, 1, size(x, 0), size(x, 1))
    # add_8 = subtensor_transpose(history_3, 0, ..., ...) + subtensor_transpose(..., 1, ..., ...)
    for at_6 in range(x_n0):
        for at_7 in range(x_n1):
            subtensor_transpose_5[at_6, at_7] = float64(0.0)
    for i in range(subtensor_n0_11):
        for j in range(x_n1):
            v_part__25[i, j] = v_part__24[i, j]
    for at_8 in range(first_n0):
        for at_9 in range(first_n1):
            subtensor_transpose_6[at_8, at_9] = float64(0.0)
    for at_10 in range(first_n0):
        for at_11 in range(first_n1):
            subtensor_transpose_7[at_10, at_11] = float64(0.0)
    for k in range(first_n1):
        v_part__26[k] = history_3[k]
        add_9 = history_2[k] + v_part__17[k]
        v_part__27[k] = add_9
    for l in range(first_n0):
        for k in range(first_n1):
            add_10 = subtensor_transpose_6[l, k] + subtensor_transpose_7[l, k]
            add_8[l, k] = add_10
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    k_n0 = int(values[1].shape[0])
    v_k = values[1]
    first_n0 = int(values[2].shape[0])
    first_n1 = int(values[2].shape[1])
    first = values[2]
    size = int(x_n0 if x_n0 < k_n0 or x_n0 != x_n0 else k_n0)
    scan_n0 = int(size + int64(1))
    check(scan_n0 >= 0, 0, scan_n0)
    scan_n0_1 = int(scan_n0)
    check(scan_n0_1 >= 0, 1, scan_n0_1)
    subtensor_n0 = int(slice_length(scan_n0, int64(1), int64(9223372036854775806), int64(1)))
    check(subtensor_n0 >= 0, 2, subtensor_n0)
    subtensor_n0_1 = int(slice_length(x_n0, int64(-9223372036854775808), size, int64(1)))
    check(subtensor_n0_1 >= 0, 3, subtensor_n0_1)
    subtensor_n0_2 = int(slice_length(subtensor_n0_1, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
    check(subtensor_n0_2 >= 0, 4, subtensor_n0_2)
    subtensor_n0_3 = int(slice_length(k_n0, int64(-9223372036854775808), size, int64(1)))
    check(subtensor_n0_3 >= 0, 5, subtensor_n0_3)
    subtensor_n0_4 = int(slice_length(subtensor_n0_3, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
    check(subtensor_n0_4 >= 0, 6, subtensor_n0_4)
    subtensor_n0_5 = int(slice_length(scan_n0, int64(-9223372036854775808), int64(-1), int64(1)))
    check(subtensor_n0_5 >= 0, 7, subtensor_n0_5)
    subtensor_n0_6 = int(slice_length(subtensor_n0_5, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
    check(subtensor_n0_6 >= 0, 8, subtensor_n0_6)
    subtensor_n0_7 = int(slice_length(scan_n0_1, int64(-9223372036854775808), int64(-1), int64(1)))
    check(subtensor_n0_7 >= 0, 9, subtensor_n0_7)
    subtensor_n0_8 = int(slice_length(subtensor_n0_7, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
    check(subtensor_n0_8 >= 0, 10, subtensor_n0_8)
    subtensor_transpose_n0 = int(scan_n0)
    check(subtensor_transpose_n0 >= 0, 11, subtensor_transpose_n0)
    subtensor_n0_9 = int(slice_length(subtensor_transpose_n0, int64(1), int64(9223372036854775806), int64(1)))
    check(subtensor_n0_9 >= 0, 12, subtensor_n0_9)
    subtensor_n0_10 = int(slice_length(subtensor_n0_9, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
    check(subtensor_n0_10 >= 0, 13, subtensor_n0_10)
    scan_n0_2 = int(size)
    check(scan_n0_2 >= 0, 14, scan_n0_2)
    subtensor_n0_11 = int(slice_length(scan_n0_2, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
    check(subtensor_n0_11 >= 0, 15, subtensor_n0_11)
    check((elements(first_n1, (to_int64((size >= int64(1)))))) == (elements((slice_length(x_n1, int64(9223372036854775806), int64(-9223372036854775808), int64(-1))), (to_int64((size >= int64(1)))))), 16, elements(first_n1, (to_int64((size >= int64(1))))), elements((slice_length(x_n1, int64(9223372036854775806), int64(-9223372036854775808), int64(-1))), (to_int64((size >= int64(1))))))
    v_part_ = first[in_bounds(int64(1), first_n0, 17), :, ...]
    v_part__1 = first[in_bounds(int64(0), first_n0, 18), :, ...]
    check(int64(1) != 0, 19)
    v_part__2 = x[part(int64(-9223372036854775808), size, int64(1)), :, ...]
    check(int64(-1) != 0, 20)
    v_part__3 = v_part__2[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), :, ...]
    check(int64(1) != 0, 21)
    v_part__4 = v_k[part(int64(-9223372036854775808), size, int64(1)), ...]
    check(int64(-1) != 0, 22)
    v_part__5 = v_part__4[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), ...]
    minimum = kernel_0(x_n0, k_n0)
    history = np.empty((scan_n0, first_n1,), 'float64')
    history_1 = np.empty((scan_n0_1, first_n1,), 'float64')
    v_row = history[in_bounds(int64(0), scan_n0, 23), :, ...]
    copy(first_n1, v_part_, v_row)
    v_row_1 = history_1[in_bounds(int64(0), scan_n0_1, 24), :, ...]
    copy_1(first_n1, v_part__1, v_row_1)
    for step in range(int(minimum)):
        v_row_2 = x[in_bounds(step, x_n0, 25), :, ...]
        input_n0_5 = int(x_n1)
        v_row_3 = v_k[in_bounds(step, k_n0, 26), ...]
        v_row_4 = history[in_bounds(step, scan_n0, 27), :, ...]
        input_n0_2 = int(first_n1)
        v_row_5 = history_1[in_bounds(step, scan_n0_1, 28), :, ...]
        input_n0_3 = int(first_n1)
        subtensor_n0_12 = int(slice_length(input_n0_2, int64(1), int64(9223372036854775806), int64(1)))
        check(subtensor_n0_12 >= 0, 29, subtensor_n0_12)
        check((input_n0_3) == (slice_length(input_n0_5, int64(9223372036854775806), int64(-9223372036854775808), int64(-1))), 30, input_n0_3, slice_length(input_n0_5, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
        operand = v_row_2
        operand_1 = v_row_4.reshape((input_n0_2,))
        operand_2 = v_row_5.reshape((input_n0_3,))
        check(int64(1) != 0, 31)
        v_part__6 = operand_1[part(int64(1), int64(9223372036854775806), int64(1)), ...]
        check(int64(-1) != 0, 32)
        v_part__7 = operand[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), ...]
        v_part__8 = operand_1[in_bounds(v_row_3[()], input_n0_2, 33), ...]
        add = np.empty((input_n0_3,), 'float64')
        copy_2 = np.empty((input_n0_2,), 'float64')
        kernel_3(subtensor_n0_12, input_n0_3, input_n0_2, v_part__8, v_part__6, operand_2, v_part__7, operand_1, add, copy_2)
        v_row_6 = history[in_bounds(step + int64(1), scan_n0, 34), :, ...]
        check((first_n1) == (input_n0_3), 35, first_n1, input_n0_3)
        copy_4(first_n1, input_n0_3, add, v_row_6)
        v_row_7 = history_1[in_bounds(step + int64(1), scan_n0_1, 36), :, ...]
        check((first_n1) == (input_n0_2), 37, first_n1, input_n0_2)
        copy_5(first_n1, input_n0_2, copy_2, v_row_7)
    check(int64(1) != 0, 38)
    v_part__9 = history[part(int64(1), int64(9223372036854775806), int64(1)), :, ...]
    v_part__10 = v_part__9[in_bounds(int64(-1), subtensor_n0, 39), :, ...]
    check(int64(1) != 0, 40)
    v_part__11 = history[part(int64(-9223372036854775808), int64(-1), int64(1)), :, ...]
    check(int64(-1) != 0, 41)
    v_part__12 = v_part__11[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), :, ...]
    check(int64(1) != 0, 42)
    v_part__13 = history_1[part(int64(-9223372036854775808), int64(-1), int64(1)), :, ...]
    check(int64(-1) != 0, 43)
    v_part__14 = v_part__13[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), :, ...]
    copy_6 = np.empty((first_n1,), 'float64')
    values[3] = copy_6
    copy_7 = np.empty((first_n1,), 'float64')
    mul_2 = np.empty((subtensor_n0, first_n1,), 'float64')
    subtensor_transpose = np.empty((subtensor_transpose_n0, first_n1,), 'float64')
    check(int64(1) != 0, 44)
    v_part__15 = subtensor_transpose[part(int64(1), int64(9223372036854775806), int64(1)), :, ...]
    check(int64(-1) != 0, 45)
    v_part__16 = v_part__15[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), :, ...]
    v_part__17 = subtensor_transpose[in_bounds(int64(0), subtensor_transpose_n0, 46), :, ...]
    check(int64(1) != 0, 47)
    v_part__18 = subtensor_transpose[part(int64(1), int64(9223372036854775806), int64(1)), :, ...]
    kernel_6(first_n1, subtensor_transpose_n0, subtensor_n0, v_part__10, v_part__9, copy_6, copy_7, subtensor_transpose, mul_2, v_part__18)
    history_2 = np.empty((first_n1,), 'float64')
    history_3 = np.empty((first_n1,), 'float64')
    history_4 = np.empty((scan_n0_2, x_n1,), 'float64')
    copy_10(first_n1, copy_7, history_2)
    copy_11(first_n1, copy_7, history_3)
    for step_1 in range(int(minimum)):
        v_row_8 = v_part__3[in_bounds(step_1, subtensor_n0_2, 48), :, ...]
        input_n0_11 = int(x_n1)
        v_row_9 = v_part__5[in_bounds(step_1, subtensor_n0_4, 49), ...]
        v_row_10 = v_part__12[in_bounds(step_1, subtensor_n0_6, 50), :, ...]
        input_n0_6 = int(first_n1)
        v_row_11 = v_part__14[in_bounds(step_1, subtensor_n0_8, 51), :, ...]
        input_n0_7 = int(first_n1)
        v_row_12 = v_part__16[in_bounds(step_1, subtensor_n0_10, 52), :, ...]
        broadcast_n0 = int(slice_length(input_n0_6, int64(1), int64(9223372036854775806), int64(1)))
        check(broadcast_n0 >= 0, 53, broadcast_n0)
        subtensor_n0_13 = int(broadcast_n0)
        check(subtensor_n0_13 >= 0, 54, subtensor_n0_13)
        check((input_n0_7) == (slice_length(input_n0_11, int64(9223372036854775806), int64(-9223372036854775808), int64(-1))), 55, input_n0_7, slice_length(input_n0_11, int64(9223372036854775806), int64(-9223372036854775808), int64(-1)))
        check((first_n1) == (input_n0_6), 56, first_n1, input_n0_6)
        check((first_n1) == (input_n0_7), 57, first_n1, input_n0_7)
        operand_3 = v_row_8
        operand_4 = v_row_10
        operand_5 = v_row_11
        operand_6 = v_row_12
        operand_7 = history_2.reshape((input_n0_7,))
        operand_8 = history_3.reshape((input_n0_6,))
        check(int64(1) != 0, 58)
        v_part__19 = operand_4[part(int64(1), int64(9223372036854775806), int64(1)), ...]
        subtensor_transpose_2 = np.empty((input_n0_11,), 'float64')
        add_4 = np.empty((input_n0_6,), 'float64')
        mul_5 = np.empty((input_n0_7,), 'float64')
        subtensor_transpose_1 = np.empty((input_n0_6,), 'bool')
        mul_4 = np.empty((input_n0_7,), 'float64')
        subtensor_transpose_3 = np.empty((input_n0_6,), 'float64')
        add_3 = np.empty((input_n0_6,), 'float64')
        subtensor_transpose_4 = np.empty((input_n0_6,), 'float64')
        v_part__20 = subtensor_transpose_1[in_bounds(v_row_9[()], input_n0_6, 59), ...]
        check(int64(-1) != 0, 60)
        v_part__21 = subtensor_transpose_2[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), ...]
        v_part__22 = subtensor_transpose_3[in_bounds(v_row_9[()], input_n0_6, 61), ...]
        check(int64(1) != 0, 62)
        v_part__23 = subtensor_transpose_4[part(int64(1), int64(9223372036854775806), int64(1)), ...]
        kernel_9(input_n0_6, input_n0_11, input_n0_7, broadcast_n0, subtensor_n0_13, operand_6, operand_7, operand_5, operand_4, operand_8, v_part__19, subtensor_transpose_1, v_part__20, subtensor_transpose_2, mul_4, v_part__21, subtensor_transpose_3, v_part__22, add_3, subtensor_transpose_4, v_part__23, add_4, mul_5)
        check((first_n1) == (input_n0_6), 63, first_n1, input_n0_6)
        copy_12(first_n1, input_n0_6, add_4, history_2)
        check((first_n1) == (input_n0_7), 64, first_n1, input_n0_7)
        copy_13(first_n1, input_n0_7, mul_5, history_3)
        v_row_13 = history_4[in_bounds(step_1, scan_n0_2, 65), :, ...]
        check((x_n1) == (input_n0_11), 66, x_n1, input_n0_11)
        copy_14(x_n1, input_n0_11, subtensor_transpose_2, v_row_13)
    check(int64(-1) != 0, 67)
    v_part__24 = history_4[part(int64(9223372036854775806), int64(-9223372036854775808), int64(-1)), :, ...]
    subtensor_transpose_5 = np.empty((x_n0, x_n1,), 'float64')
    values[4] = subtensor_transpose_5
    add_8 = np.empty((first_n0, first_n1,), 'float64')
    values[5] = add_8
    subtensor_transpose_6 = np.empty((first_n0, first_n1,), 'float64')
    subtensor_transpose_7 = np.empty((first_n0, first_n1,), 'float64')
    check(int64(1) != 0, 68)
    v_part__25 = subtensor_transpose_5[part(int64(-9223372036854775808), minimum, int64(1)), :, ...]
    v_part__26 = subtensor_transpose_6[in_bounds(int64(0), first_n0, 69), :, ...]
    v_part__27 = subtensor_transpose_7[in_bounds(int64(1), first_n0, 70), :, ...]
    kernel_13(x_n0, x_n1, subtensor_n0_11, first_n0, first_n1, v_part__24, history_3, history_2, v_part__17, subtensor_transpose_5, v_part__25, subtensor_transpose_6, subtensor_transpose_7, v_part__26, v_part__27, add_8)
    return values
