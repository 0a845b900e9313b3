/* v_max = max(v_part_, axis=(2, 3)) */
/* strided_transpose = strided_transpose(..., ..., ..., 2, 2, ..., ...) */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 x_n1, const int64 strided_n0,
        const int64 strided_n1, const float64 *restrict v_part_, float64 *strided_transpose,
        float64 *restrict v_max, bool8 *restrict eq, float64 *v_part__1, const int64 v_part__s0,
        const int64 v_part__s1, const int64 v_part__s2, const int64 v_part__1_s0,
        const int64 v_part__1_s1, const int64 v_part__1_s2) {
    int64 work = 0;
    for (int64 at = 0; at < x_n0; at++) {
        for (int64 at_1 = 0; at_1 < x_n1; at_1++) {
            strided_transpose[at * x_n1 + at_1] = 0.0;
        }
        work += x_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 i = 0; i < strided_n0; i++) {
        for (int64 j = 0; j < strided_n1; j++) {
            float64 max_best = (-(float64)INFINITY);
            for (int64 k = 0; k < 2; k++) {
                for (int64 l = 0; l < 2; l++) {
                    const float64 strided = v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + l];
                    max_best = max_best > strided || max_best != max_best ? max_best : strided;
                }
            }
            const float64 v_max_1 = max_best;
            v_max[i * strided_n1 + j] = v_max_1;
            const float64 mul = 2.0 * v_max_1;
            int64 sum_total = 0;
            for (int64 k = 0; k < 2; k++) {
                for (int64 l = 0; l < 2; l++) {
                    const bool8 eq_1 = v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + l] == v_max_1;
                    eq[k * 2 + l] = eq_1;
                    sum_total = sum_total + to_int64(eq_1);
                }
            }
            const int64 v_sum = sum_total;
            const float64 cast = to_float64(v_sum);
            const float64 true_div = mul / cast;
            for (int64 k = 0; k < 2; k++) {
                for (int64 l = 0; l < 2; l++) {
                    const bool8 eq_read = eq[k * 2 + l];
                    const float64 v_switch = eq_read ? true_div : 0.0;
                    v_part__1[i * v_part__1_s0 + j * v_part__1_s1 + k * v_part__1_s2 + l] = v_part__1[i * v_part__1_s0 + j * v_part__1_s1 + k * v_part__1_s2 + l] + v_switch;
                }
            }
            work += ((2 * 2) + (2 * 2)) + (2 * 2);
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
    }
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 x_n0 = values[0].shape[0];
    const int64 x_n1 = values[0].shape[1];
    if (values[0].strides[1] != sizeof(float64) && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;
    float64 *const x = (float64 *)values[0].data;
    const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);
    const int64 size = x_n0 - 2;
    const int64 size_1 = floor_quotient(size, 2);
    const int64 size_2 = size_1 + 1;
    const int64 strided_n0 = size_2 > 0 || size_2 != size_2 ? size_2 : 0;
    if (strided_n0 < 0) return fail(host, 0, strided_n0, 0, 0);
    const int64 size_3 = x_n1 - 2;
    const int64 size_4 = floor_quotient(size_3, 2);
    const int64 size_5 = size_4 + 1;
    const int64 strided_n1 = size_5 > 0 || size_5 != size_5 ? size_5 : 0;
    if (strided_n1 < 0) return fail(host, 1, strided_n1, 0, 0);
    float64 *const v_part_ = x;
    const int64 v_part__s0 = 2 * (x_s0);
    const int64 v_part__s1 = 2 * (1);
    const int64 v_part__s2 = 1 * (x_s0);
    if (host->allocate(host, 1, (int64[]){strided_n0, strided_n1})) return KG_NO_ROOM + 1;
    float64 *const v_max = (float64 *)values[1].data;
    if (host->allocate(host, 2, (int64[]){x_n0, x_n1})) return KG_NO_ROOM + 2;
    float64 *const strided_transpose = (float64 *)values[2].data;
    bool8 *const eq = (bool8 *)host->scratch(host, bytes_of(sizeof(bool8), 2, (int64[]){2, 2}));
    if (eq == NULL) return KG_NO_ROOM + 3;
    float64 *const v_part__1 = strided_transpose;
    const int64 v_part__1_s0 = 2 * (1 * x_n1);
    const int64 v_part__1_s1 = 2 * (1);
    const int64 v_part__1_s2 = 1 * (1 * x_n1);
    status = kernel_0(host, x_n0, x_n1, strided_n0, strided_n1, v_part_, strided_transpose, v_max, eq,
            v_part__1, v_part__s0, v_part__s1, v_part__s2, v_part__1_s0, v_part__1_s1, v_part__1_s2);
    if (status) return status;
    return KG_DONE;
}
