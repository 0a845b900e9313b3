/* v_sum = sum(v_part_ * filters, axis=(1, 4, 5)) */
/* v_sum_2 = sum(2 * sum(v_part_ * filters, axis=(1, 4, 5)) * v_part_, axis=(2, 3)) */
/* strided_transpose = strided_transpose(..., ..., ..., ..., ..., ..., ..., ..., ...) */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 strided_n1,
        const int64 strided_n2, const int64 filters_n2, const int64 filters_n3,
        const int64 filters_n0, const int64 x_n1, const int64 x_n2, const float64 *restrict v_part_,
        const float64 *restrict filters, float64 *restrict v_sum_1, float64 *restrict v_sum,
        float64 *restrict mul, float64 *restrict v_sum_2, float64 *restrict v_sum_1_blocks,
        float64 *strided_transpose, float64 *v_part__1, const int64 v_part__s0,
        const int64 v_part__s1, const int64 v_part__s2, const int64 v_part__s3,
        const int64 filters_s0, const int64 filters_s1, const int64 filters_s2,
        const int64 v_part__1_s0, const int64 v_part__1_s1, const int64 v_part__1_s2,
        const int64 v_part__1_s3) {
    int64 work = 0;
    for (int64 i = 0; i < x_n0; i++) {
        for (int64 j = 0; j < strided_n1; j++) {
            for (int64 k = 0; k < strided_n2; k++) {
                for (int64 l = 0; l < filters_n2; l++) {
                    for (int64 m = 0; m < filters_n3; m++) {
                        v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + l) * filters_n3 + m] = 0.0;
                    }
                    work += filters_n3;
                    if (work > 262144) {
                        if (host->poll(host)) return KG_PYTHON_ERROR;
                        work = 0;
                    }
                }
            }
        }
    }
    int64 v_sum_1_counted = 0;
    for (int64 iteration = 0; iteration < filters_n0; iteration++) {
        for (int64 j = 0; j < strided_n1; j++) {
            for (int64 k = 0; k < strided_n2; k++) {
                v_sum[(iteration * strided_n1 + j) * strided_n2 + k] = 0.0;
            }
            work += strided_n2;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (int64 i = 0; i < x_n0; i++) {
            for (int64 j = 0; j < strided_n1; j++) {
                for (int64 k = 0; k < strided_n2; k++) {
                    {
                        int64 l = 0;
                        for (; l + 8 <= filters_n2; l += 8) {
                            const int64 m_last = filters_n3 - filters_n3 % 8;
                            for (int64 m_base = 0; m_base < m_last; m_base += 8) {
                                for (int64 lane = 0; lane < 8; lane++) {
                                    const int64 m = m_base + lane;
                                    for (int64 row = 0; row < 8; row++) {
                                        const float64 mul_1 = v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + (l + row) * v_part__s3 + m] * filters[iteration * filters_s0 + i * filters_s1 + (l + row) * filters_s2 + m];
                                        v_sum[(iteration * strided_n1 + j) * strided_n2 + k] = v_sum[(iteration * strided_n1 + j) * strided_n2 + k] + mul_1;
                                    }
                                }
                            }
                            for (int64 m = m_last; m < filters_n3; m++) {
                                for (int64 row = 0; row < 8; row++) {
                                    const float64 mul_1 = v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + (l + row) * v_part__s3 + m] * filters[iteration * filters_s0 + i * filters_s1 + (l + row) * filters_s2 + m];
                                    v_sum[(iteration * strided_n1 + j) * strided_n2 + k] = v_sum[(iteration * strided_n1 + j) * strided_n2 + k] + mul_1;
                                }
                            }
                            work += filters_n3 * 8;
                            if (work > 262144) {
                                if (host->poll(host)) return KG_PYTHON_ERROR;
                                work = 0;
                            }
                        }
                        for (; l < filters_n2; l++) {
                            const int64 m_last_1 = filters_n3 - filters_n3 % 8;
                            for (int64 m_base_1 = 0; m_base_1 < m_last_1; m_base_1 += 8) {
                                for (int64 lane = 0; lane < 8; lane++) {
                                    const int64 m = m_base_1 + lane;
                                    const float64 mul_1 = v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + l * v_part__s3 + m] * filters[iteration * filters_s0 + i * filters_s1 + l * filters_s2 + m];
                                    v_sum[(iteration * strided_n1 + j) * strided_n2 + k] = v_sum[(iteration * strided_n1 + j) * strided_n2 + k] + mul_1;
                                }
                            }
                            for (int64 m = m_last_1; m < filters_n3; m++) {
                                const float64 mul_1 = v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + l * v_part__s3 + m] * filters[iteration * filters_s0 + i * filters_s1 + l * filters_s2 + m];
                                v_sum[(iteration * strided_n1 + j) * strided_n2 + k] = v_sum[(iteration * strided_n1 + j) * strided_n2 + k] + mul_1;
                            }
                            work += filters_n3;
                            if (work > 262144) {
                                if (host->poll(host)) return KG_PYTHON_ERROR;
                                work = 0;
                            }
                        }
                    }
                }
            }
        }
        for (int64 j = 0; j < strided_n1; j++) {
            for (int64 k = 0; k < strided_n2; k++) {
                const float64 mul_2 = 2.0 * v_sum[(iteration * strided_n1 + j) * strided_n2 + k];
                mul[j * strided_n2 + k] = mul_2;
            }
            work += strided_n2;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (int64 i = 0; i < x_n0; i++) {
            for (int64 l = 0; l < filters_n2; l++) {
                for (int64 m = 0; m < filters_n3; m++) {
                    v_sum_2[((iteration * x_n0 + i) * filters_n2 + l) * filters_n3 + m] = 0.0;
                }
                work += filters_n3;
                if (work > 262144) {
                    if (host->poll(host)) return KG_PYTHON_ERROR;
                    work = 0;
                }
            }
            for (int64 j = 0; j < strided_n1; j++) {
                for (int64 k = 0; k < strided_n2; k++) {
                    {
                        int64 l = 0;
                        for (; l + 8 <= filters_n2; l += 8) {
                            const int64 m_last_2 = filters_n3 - filters_n3 % 8;
                            for (int64 m_base_2 = 0; m_base_2 < m_last_2; m_base_2 += 8) {
                                for (int64 lane = 0; lane < 8; lane++) {
                                    const int64 m = m_base_2 + lane;
                                    for (int64 row = 0; row < 8; row++) {
                                        const float64 mul_3 = mul[j * strided_n2 + k] * filters[iteration * filters_s0 + i * filters_s1 + (l + row) * filters_s2 + m];
                                        v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + (l + row)) * filters_n3 + m] = v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + (l + row)) * filters_n3 + m] + mul_3;
                                        const float64 mul_4 = mul[j * strided_n2 + k] * v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + (l + row) * v_part__s3 + m];
                                        v_sum_2[((iteration * x_n0 + i) * filters_n2 + (l + row)) * filters_n3 + m] = v_sum_2[((iteration * x_n0 + i) * filters_n2 + (l + row)) * filters_n3 + m] + mul_4;
                                    }
                                }
                            }
                            for (int64 m = m_last_2; m < filters_n3; m++) {
                                for (int64 row = 0; row < 8; row++) {
                                    const float64 mul_3 = mul[j * strided_n2 + k] * filters[iteration * filters_s0 + i * filters_s1 + (l + row) * filters_s2 + m];
                                    v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + (l + row)) * filters_n3 + m] = v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + (l + row)) * filters_n3 + m] + mul_3;
                                    const float64 mul_4 = mul[j * strided_n2 + k] * v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + (l + row) * v_part__s3 + m];
                                    v_sum_2[((iteration * x_n0 + i) * filters_n2 + (l + row)) * filters_n3 + m] = v_sum_2[((iteration * x_n0 + i) * filters_n2 + (l + row)) * filters_n3 + m] + mul_4;
                                }
                            }
                            work += filters_n3 * 8;
                            if (work > 262144) {
                                if (host->poll(host)) return KG_PYTHON_ERROR;
                                work = 0;
                            }
                        }
                        for (; l < filters_n2; l++) {
                            const int64 m_last_3 = filters_n3 - filters_n3 % 8;
                            for (int64 m_base_3 = 0; m_base_3 < m_last_3; m_base_3 += 8) {
                                for (int64 lane = 0; lane < 8; lane++) {
                                    const int64 m = m_base_3 + lane;
                                    const float64 mul_3 = mul[j * strided_n2 + k] * filters[iteration * filters_s0 + i * filters_s1 + l * filters_s2 + m];
                                    v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + l) * filters_n3 + m] = v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + l) * filters_n3 + m] + mul_3;
                                    const float64 mul_4 = mul[j * strided_n2 + k] * v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + l * v_part__s3 + m];
                                    v_sum_2[((iteration * x_n0 + i) * filters_n2 + l) * filters_n3 + m] = v_sum_2[((iteration * x_n0 + i) * filters_n2 + l) * filters_n3 + m] + mul_4;
                                }
                            }
                            for (int64 m = m_last_3; m < filters_n3; m++) {
                                const float64 mul_3 = mul[j * strided_n2 + k] * filters[iteration * filters_s0 + i * filters_s1 + l * filters_s2 + m];
                                v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + l) * filters_n3 + m] = v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + l) * filters_n3 + m] + mul_3;
                                const float64 mul_4 = mul[j * strided_n2 + k] * v_part_[i * v_part__s0 + j * v_part__s1 + k * v_part__s2 + l * v_part__s3 + m];
                                v_sum_2[((iteration * x_n0 + i) * filters_n2 + l) * filters_n3 + m] = v_sum_2[((iteration * x_n0 + i) * filters_n2 + l) * filters_n3 + m] + mul_4;
                            }
                            work += filters_n3;
                            if (work > 262144) {
                                if (host->poll(host)) return KG_PYTHON_ERROR;
                                work = 0;
                            }
                        }
                    }
                }
            }
        }
        v_sum_1_counted += 1;
        if (iteration < filters_n0 - filters_n0 % 8 ? iteration % 8 == 7 && v_sum_1_counted % 64 < 8 : v_sum_1_counted % 64 == 0) whole_block_float64(v_sum_1, v_sum_1_blocks, x_n0 * strided_n1 * strided_n2 * filters_n2 * filters_n3, v_sum_1_counted);
    }
    all_blocks_float64(v_sum_1, v_sum_1_blocks, x_n0 * strided_n1 * strided_n2 * filters_n2 * filters_n3, v_sum_1_counted);
    for (int64 at = 0; at < x_n0; at++) {
        for (int64 at_1 = 0; at_1 < x_n1; at_1++) {
            for (int64 at_2 = 0; at_2 < x_n2; at_2++) {
                strided_transpose[(at * x_n1 + at_1) * x_n2 + at_2] = 0.0;
            }
            work += x_n2;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
    }
    for (int64 i = 0; i < x_n0; i++) {
        for (int64 j = 0; j < strided_n1; j++) {
            for (int64 k = 0; k < strided_n2; k++) {
                for (int64 l = 0; l < filters_n2; l++) {
                    const int64 m_last_4 = filters_n3 - filters_n3 % 16;
                    for (int64 m_base_4 = 0; m_base_4 < m_last_4; m_base_4 += 16) {
                        for (int64 lane = 0; lane < 16; lane++) {
                            const int64 m = m_base_4 + lane;
                            v_part__1[i * v_part__1_s0 + j * v_part__1_s1 + k * v_part__1_s2 + l * v_part__1_s3 + m] = v_part__1[i * v_part__1_s0 + j * v_part__1_s1 + k * v_part__1_s2 + l * v_part__1_s3 + m] + v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + l) * filters_n3 + m];
                        }
                    }
                    for (int64 m = m_last_4; m < filters_n3; m++) {
                        v_part__1[i * v_part__1_s0 + j * v_part__1_s1 + k * v_part__1_s2 + l * v_part__1_s3 + m] = v_part__1[i * v_part__1_s0 + j * v_part__1_s1 + k * v_part__1_s2 + l * v_part__1_s3 + m] + v_sum_1[(((i * strided_n1 + j) * strided_n2 + k) * filters_n2 + l) * filters_n3 + m];
                    }
                    work += filters_n3;
                    if (work > 262144) {
                        if (host->poll(host)) return KG_PYTHON_ERROR;
                        work = 0;
                    }
                }
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
    const int64 x_n2 = values[0].shape[2];
    if (values[0].strides[2] != sizeof(float64) && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;
    float64 *const x = (float64 *)values[0].data;
    const int64 x_s0 = values[0].strides[0] / (int64)sizeof(float64);
    const int64 x_s1 = values[0].strides[1] / (int64)sizeof(float64);
    const int64 filters_n0 = values[1].shape[0];
    const int64 filters_n2 = values[1].shape[2];
    const int64 filters_n3 = values[1].shape[3];
    if (values[1].strides[3] != sizeof(float64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 1;
    float64 *const filters = (float64 *)values[1].data;
    const int64 filters_s0 = values[1].strides[0] / (int64)sizeof(float64);
    const int64 filters_s1 = values[1].strides[1] / (int64)sizeof(float64);
    const int64 filters_s2 = values[1].strides[2] / (int64)sizeof(float64);
    const int64 size = x_n1 - filters_n2;
    const int64 size_1 = size + 1;
    const int64 strided_n1 = size_1 > 0 || size_1 != size_1 ? size_1 : 0;
    if (strided_n1 < 0) return fail(host, 0, strided_n1, 0, 0);
    const int64 size_2 = x_n2 - filters_n3;
    const int64 size_3 = size_2 + 1;
    const int64 strided_n2 = size_3 > 0 || size_3 != size_3 ? size_3 : 0;
    if (strided_n2 < 0) return fail(host, 1, strided_n2, 0, 0);
    if (x_n0 != values[1].shape[1]) return fail(host, 2, x_n0, values[1].shape[1], 0);
    float64 *const v_part_ = x;
    const int64 v_part__s0 = 1 * (x_s0);
    const int64 v_part__s1 = 1 * (x_s1);
    const int64 v_part__s2 = 1 * (1);
    const int64 v_part__s3 = 1 * (x_s1);
    if (host->allocate(host, 2, (int64[]){filters_n0, strided_n1, strided_n2})) return KG_NO_ROOM + 2;
    float64 *const v_sum = (float64 *)values[2].data;
    if (host->allocate(host, 4, (int64[]){filters_n0, x_n0, filters_n2, filters_n3})) return KG_NO_ROOM + 3;
    float64 *const v_sum_2 = (float64 *)values[4].data;
    if (host->allocate(host, 3, (int64[]){x_n0, x_n1, x_n2})) return KG_NO_ROOM + 4;
    float64 *const strided_transpose = (float64 *)values[3].data;
    float64 *const mul = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){strided_n1, strided_n2}));
    if (mul == NULL) return KG_NO_ROOM + 5;
    float64 *const v_sum_1 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 5, (int64[]){x_n0, strided_n1, strided_n2, filters_n2, filters_n3}));
    if (v_sum_1 == NULL) return KG_NO_ROOM + 6;
    float64 *const v_part__1 = strided_transpose;
    const int64 v_part__1_s0 = 1 * (1 * x_n1 * x_n2);
    const int64 v_part__1_s1 = 1 * (1 * x_n2);
    const int64 v_part__1_s2 = 1 * (1);
    const int64 v_part__1_s3 = 1 * (1 * x_n2);
    const int64 v_sum_1_arrays = (filters_n0 < 64 ? 0 : filters_n0 < 512 ? 1 : 65 - __builtin_clzll((unsigned long long)(filters_n0 / 512)));
    float64 *const v_sum_1_blocks = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 6, (int64[]){v_sum_1_arrays, x_n0, strided_n1, strided_n2, filters_n2, filters_n3}));
    if (v_sum_1_blocks == NULL) return KG_NO_ROOM + 7;
    status = kernel_0(host, x_n0, strided_n1, strided_n2, filters_n2, filters_n3, filters_n0, x_n1,
            x_n2, v_part_, filters, v_sum_1, v_sum, mul, v_sum_2, v_sum_1_blocks, strided_transpose,
            v_part__1, v_part__s0, v_part__s1, v_part__s2, v_part__s3, filters_s0, filters_s1,
            filters_s2, v_part__1_s0, v_part__1_s1, v_part__1_s2, v_part__1_s3);
    if (status) return status;
    return KG_DONE;
}
