def kernel_0(b_n0, solution, a, mul, copy):
    # mul = 2 * solution
    # copy = copy(a.T)
    for i in range(b_n0):
        mul_1 = float64(2.0) * solution[i]
        mul[i] = mul_1
        for j in range(b_n0):
            copy_1 = a[j, i]
            copy[i, j] = copy_1
    return None

def kernel_1(b_n0, solution_1, solution, neg):
    # neg = -(solution_1 * solution)
    for i in range(b_n0):
        for j in range(b_n0):
            mul_2 = solution_1[i] * solution[j]
            neg_1 = -mul_2
            neg[i, j] = neg_1
    return None

def program(values, call):
    b_n0 = int(values[0].shape[0])
    a = values[0]
    b = values[1]
    check((b_n0) == (values[0].shape[1]), 0, b_n0, values[0].shape[1])
    check((b_n0) == (values[1].shape[0]), 1, b_n0, values[1].shape[0])
    call(0, values)
    solution = values[2]
    mul = np.empty((b_n0,), 'float64')
    values[5] = mul
    copy = np.empty((b_n0, b_n0,), 'float64')
    values[6] = copy
    kernel_0(b_n0, solution, a, mul, copy)
    call(1, values)
    solution_1 = values[4]
    neg = np.empty((b_n0, b_n0,), 'float64')
    values[3] = neg
    kernel_1(b_n0, solution_1, solution, neg)
    return values
