/* v_sum = sum(sqr(take(table, words) - wanted)) */
/* take_transpose = take_transpose(2 * (take(table, words) - wanted), words, size(table, 0)) */
static int32_t kernel_0(kg_host *host, const int64 table_n0, const int64 table_n1,
        const int64 words_n0, const int64 *restrict words, const float64 *restrict table,
        const float64 *restrict wanted, float64 *restrict take_transpose, const int64 table_s0,
        const int64 wanted_s0, float64 *restrict v_sum_out) {
    int64 work = 0;
    float64 sum_total = 0.0;
    for (int64 at = 0; at < table_n0; at++) {
        for (int64 at_1 = 0; at_1 < table_n1; at_1++) {
            take_transpose[at * table_n1 + at_1] = 0.0;
        }
        work += table_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    {
        float64 sum_total_lanes[32];
        tree_float64 sum_total_tree;
        for (int64 lane = 0; lane < 32; lane++) sum_total_lanes[lane] = -0.0;
        sum_total_tree.blocks = 0;
        const int64 i_whole = words_n0 - words_n0 % 16;
        for (int64 i = 0; i < words_n0; i++) {
            const int64 i_lane = i < i_whole ? i % 16 : 16 + i - i_whole;
            if (i && i % 512 == 0) {
                block_float64(&sum_total_tree, sum_total_lanes);
            }
            float64 sum_total_part = 0.0;
            if (table_n1 < 16) {
                for (int64 j = 0; j < table_n1; j++) {
                    int64 v_row = words[i];
                    if (v_row < -table_n0 || v_row >= table_n0) return fail(host, 2, v_row, table_n0, 0);
                    if (v_row < 0) v_row += table_n0;
                    const float64 take = table[v_row * table_s0 + j];
                    const float64 sub = take - wanted[i * wanted_s0 + j];
                    const float64 sqr = sub * sub;
                    sum_total_part = sum_total_part + sqr;
                    const float64 mul = 2.0 * sub;
                    int64 v_row_1 = words[i];
                    if (v_row_1 < -table_n0 || v_row_1 >= table_n0) return fail(host, 3, v_row_1, table_n0, 0);
                    if (v_row_1 < 0) v_row_1 += table_n0;
                    take_transpose[v_row_1 * table_n1 + j] = take_transpose[v_row_1 * table_n1 + j] + mul;
                }
            }
            else {
                float64 sum_total_part_lanes[16];
                tree_float64 sum_total_part_tree;
                for (int64 lane = 0; lane < 16; lane++) sum_total_part_lanes[lane] = -0.0;
                sum_total_part_tree.blocks = 0;
                for (int64 j_start = 0; j_start < table_n1; j_start += 512) {
                    const int64 j_stop = table_n1 - j_start < 512 ? table_n1 : j_start + 512;
                    const int64 j_last = j_stop - (j_stop - j_start) % 16;
                    for (int64 j_base = j_start; j_base < j_last; j_base += 16) {
                        for (int64 lane = 0; lane < 16; lane++) {
                            const int64 j = j_base + lane;
                            int64 v_row = words[i];
                            if (v_row < -table_n0 || v_row >= table_n0) return fail(host, 2, v_row, table_n0, 0);
                            if (v_row < 0) v_row += table_n0;
                            const float64 take = table[v_row * table_s0 + j];
                            const float64 sub = take - wanted[i * wanted_s0 + j];
                            const float64 sqr = sub * sub;
                            sum_total_part_lanes[lane] = sum_total_part_lanes[lane] + sqr;
                            const float64 mul = 2.0 * sub;
                            int64 v_row_1 = words[i];
                            if (v_row_1 < -table_n0 || v_row_1 >= table_n0) return fail(host, 3, v_row_1, table_n0, 0);
                            if (v_row_1 < 0) v_row_1 += table_n0;
                            take_transpose[v_row_1 * table_n1 + j] = take_transpose[v_row_1 * table_n1 + j] + mul;
                        }
                    }
                    for (int64 j = j_last; j < j_stop; j++) {
                        int64 v_row = words[i];
                        if (v_row < -table_n0 || v_row >= table_n0) return fail(host, 2, v_row, table_n0, 0);
                        if (v_row < 0) v_row += table_n0;
                        const float64 take = table[v_row * table_s0 + j];
                        const float64 sub = take - wanted[i * wanted_s0 + j];
                        const float64 sqr = sub * sub;
                        sum_total_part = sum_total_part + sqr;
                        const float64 mul = 2.0 * sub;
                        int64 v_row_1 = words[i];
                        if (v_row_1 < -table_n0 || v_row_1 >= table_n0) return fail(host, 3, v_row_1, table_n0, 0);
                        if (v_row_1 < 0) v_row_1 += table_n0;
                        take_transpose[v_row_1 * table_n1 + j] = take_transpose[v_row_1 * table_n1 + j] + mul;
                    }
                    if (j_stop - j_start == 512) {
                        block_float64(&sum_total_part_tree, sum_total_part_lanes);
                    }
                }
                sum_total_part = sum_total_part + gather_float64(&sum_total_part_tree, sum_total_part_lanes);
            }
            sum_total_lanes[i_lane] = sum_total_lanes[i_lane] + sum_total_part;
            work += table_n1;
            if (work > 262144) {
                if (host->poll(host)) return KG_PYTHON_ERROR;
                work = 0;
            }
        }
        for (int64 lane = 16; lane < 16 + words_n0 - i_whole; lane++) sum_total = sum_total + sum_total_lanes[lane];
        sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
    }
    const float64 v_sum = sum_total;
    *v_sum_out = v_sum;
    return KG_DONE;
}

KG_EXPORT int32_t program(kg_host *host) {
    kg_value *values = host->values;
    int32_t status;
    const int64 table_n0 = values[0].shape[0];
    const int64 table_n1 = values[0].shape[1];
    if (values[0].strides[1] != sizeof(float64) && host->pack(host, 0, 1)) return KG_NO_ROOM + 0;
    float64 *const table = (float64 *)values[0].data;
    const int64 table_s0 = values[0].strides[0] / (int64)sizeof(float64);
    const int64 words_n0 = values[1].shape[0];
    if (values[1].strides[0] != sizeof(int64) && host->pack(host, 1, 1)) return KG_NO_ROOM + 1;
    int64 *const words = (int64 *)values[1].data;
    if (values[2].strides[1] != sizeof(float64) && host->pack(host, 2, 1)) return KG_NO_ROOM + 2;
    float64 *const wanted = (float64 *)values[2].data;
    const int64 wanted_s0 = values[2].strides[0] / (int64)sizeof(float64);
    if (words_n0 != values[2].shape[0]) return fail(host, 0, words_n0, values[2].shape[0], 0);
    if (table_n1 != values[2].shape[1]) return fail(host, 1, table_n1, values[2].shape[1], 0);
    if (host->allocate(host, 4, (int64[]){table_n0, table_n1})) return KG_NO_ROOM + 3;
    float64 *const take_transpose = (float64 *)values[4].data;
    float64 v_sum;
    status = kernel_0(host, table_n0, table_n1, words_n0, words, table, wanted, take_transpose,
            table_s0, wanted_s0, &v_sum);
    if (status) return status;
    if (host->allocate(host, 3, NULL)) return KG_PYTHON_ERROR;
    *(float64 *)values[3].data = v_sum;
    return KG_DONE;
}
