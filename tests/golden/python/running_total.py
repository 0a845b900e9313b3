def kernel_0(x_n0):
    # copy = copy(size(x, 0))
    copy = x_n0
    return copy

def copy_1(start, v_row):
    # scan
    v_row[()] = start
    return None

def kernel_2(v_row_2, v_row_1):
    # add = <float64> + <float64>
    add = v_row_2[()] + v_row_1[()]
    return add

def copy_2(add, v_row_3):
    # scan
    v_row_3[()] = add
    return None

def kernel_4(subtensor_n0, v_part_, copy_3):
    # copy_3 = copy(v_part_)
    for i in range(subtensor_n0):
        copy_4 = v_part_[i]
        copy_3[i] = copy_4
    return None

def program(values, call):
    x_n0 = int(values[0].shape[0])
    x = values[0]
    start = values[1][()]
    size = int(x_n0)
    scan_n0 = int(size + int64(1))
    check(scan_n0 >= 0, 0, scan_n0)
    subtensor_n0 = int(slice_length(scan_n0, int64(1), int64(9223372036854775806), int64(1)))
    check(subtensor_n0 >= 0, 1, subtensor_n0)
    copy = kernel_0(x_n0)
    history = np.empty((scan_n0,), 'float64')
    v_row = history[in_bounds(int64(0), scan_n0, 2), ...]
    copy_1(start, v_row)
    for step in range(int(copy)):
        v_row_1 = x[in_bounds(step, x_n0, 3), ...]
        v_row_2 = history[in_bounds(step, scan_n0, 4), ...]
        add = kernel_2(v_row_2, v_row_1)
        v_row_3 = history[in_bounds(step + int64(1), scan_n0, 5), ...]
        copy_2(add, v_row_3)
    check(int64(1) != 0, 6)
    v_part_ = history[part(int64(1), int64(9223372036854775806), int64(1)), ...]
    copy_3 = np.empty((subtensor_n0,), 'float64')
    values[2] = copy_3
    kernel_4(subtensor_n0, v_part_, copy_3)
    return values
