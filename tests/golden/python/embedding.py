def kernel_0(table_n0, table_n1, words_n0, words, table, wanted, take_transpose):
    # v_sum = sum(sqr(take(table, words) - wanted))
    # take_transpose = take_transpose(2 * (take(table, words) - wanted), words, size(table, 0))
    sum_total = float64(0.0)
    for at in range(table_n0):
        for at_1 in range(table_n1):
            take_transpose[at, at_1] = float64(0.0)
    sum_total_lanes = []
    for i in range(words_n0):
        sum_total_part = float64(0.0)
        sum_total_part_lanes = []
        for j in range(table_n1):
            v_row = in_bounds(words[i], table_n0, 2)
            take = table[v_row, j]
            sub = take - wanted[i, j]
            sqr = sub * sub
            sum_total_part_lanes.append(sqr)
            mul = float64(2.0) * sub
            v_row_1 = in_bounds(words[i], table_n0, 3)
            take_transpose[v_row_1, j] = take_transpose[v_row_1, j] + mul
        sum_total_part = in_a_tree(sum_total_part, sum_total_part_lanes)
        sum_total_lanes.append(sum_total_part)
    sum_total = in_a_tree(sum_total, sum_total_lanes)
    v_sum = sum_total
    return v_sum

def program(values, call):
    table_n0 = int(values[0].shape[0])
    table_n1 = int(values[0].shape[1])
    table = values[0]
    words_n0 = int(values[1].shape[0])
    words = values[1]
    wanted = values[2]
    check((words_n0) == (values[2].shape[0]), 0, words_n0, values[2].shape[0])
    check((table_n1) == (values[2].shape[1]), 1, table_n1, values[2].shape[1])
    take_transpose = np.empty((table_n0, table_n1,), 'float64')
    values[4] = take_transpose
    v_sum = kernel_0(table_n0, table_n1, words_n0, words, table, wanted, take_transpose)
    values[3] = np.array(v_sum, 'float64')
    return values
