def kernel_0(x_n0, x_n1, x, max_and_argmax, max_and_argmax_1):
    # max_and_argmax = max_and_argmax(x, axis=1).0
    # max_and_argmax_1 = max_and_argmax(x, axis=1).1
    for i in range(x_n0):
        max_and_argmax_best = float64("-inf")
        max_and_argmax_where = int64(-1)
        for j in range(x_n1):
            x_1 = x[i, j]
            better = max_and_argmax_where < 0 or (max_and_argmax_best == max_and_argmax_best if x_1 != x_1 else x_1 > max_and_argmax_best)
            max_and_argmax_best = x_1 if better else max_and_argmax_best
            max_and_argmax_where = j if better else max_and_argmax_where
        max_and_argmax_2 = max_and_argmax_best
        max_and_argmax[i] = max_and_argmax_2
        max_and_argmax_3 = max_and_argmax_where
        max_and_argmax_1[i] = max_and_argmax_3
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x_n1 = int(values[0].shape[1])
    x = values[0]
    check(x_n1 != 0, 0)
    max_and_argmax = np.empty((x_n0,), 'float64')
    values[1] = max_and_argmax
    max_and_argmax_1 = np.empty((x_n0,), 'int64')
    values[2] = max_and_argmax_1
    kernel_0(x_n0, x_n1, x, max_and_argmax, max_and_argmax_1)
    return values
