/* minimum = minimum(size(x, 0), size(v_k, 0)) */
static int32_t kernel_0(kg_host *host, const int64 x_n0, const int64 k_n0,
        int64 *restrict minimum_out) {
    const int64 minimum = x_n0 < k_n0 || x_n0 != x_n0 ? x_n0 : k_n0;
    *minimum_out = minimum;
    return KG_DONE;
}

/* scan */
static int32_t copy(kg_host *host, const int64 first_n1, const float64 *restrict v_part_,
        float64 *restrict v_row) {
    for (int64 iteration_start = 0; iteration_start < first_n1; iteration_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_stop = first_n1 - iteration_start < 65536 ? first_n1 : iteration_start + 65536;
        for (int64 iteration = iteration_start; iteration < iteration_stop; iteration++) {
            v_row[iteration] = v_part_[iteration];
        }
    }
    return KG_DONE;
}

/* scan */
static int32_t copy_1(kg_host *host, const int64 first_n1, const float64 *restrict v_part__1,
        float64 *restrict v_row_1) {
    for (int64 iteration_1_start = 0; iteration_1_start < first_n1; iteration_1_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_1_stop = first_n1 - iteration_1_start < 65536 ? first_n1 : iteration_1_start + 65536;
        for (int64 iteration_1 = iteration_1_start; iteration_1 < iteration_1_stop; iteration_1++) {
            v_row_1[iteration_1] = v_part__1[iteration_1];
        }
    }
    return KG_DONE;
}

/* add = sum(v_part__6) * operand_2 * 0.1 + v_part__7 + tanh(v_part__8) */
/* copy_2 = copy(operand_1) */
static int32_t kernel_3(kg_host *host, const int64 subtensor_n0_12, const int64 input_n0_3,
        const int64 input_n0_2, const float64 *restrict v_part__8,
        const float64 *restrict v_part__6, const float64 *restrict operand_2,
        const float64 *restrict v_part__7, const float64 *restrict operand_1, float64 *restrict add,
        float64 *restrict copy_2, const int64 v_part__7_s0) {
    const float64 v_tanh = tanh(v_part__8[0]);
    float64 sum_total = 0.0;
    if (subtensor_n0_12 < 16) {
        for (int64 i = 0; i < subtensor_n0_12; i++) {
            sum_total = sum_total + v_part__6[i];
        }
    }
    else {
        float64 sum_total_lanes[16];
        tree_float64 sum_total_tree;
        for (int64 lane = 0; lane < 16; lane++) sum_total_lanes[lane] = -0.0;
        sum_total_tree.blocks = 0;
        for (int64 i_start = 0; i_start < subtensor_n0_12; i_start += 512) {
            if (i_start % 65536 == 0 && host->poll(host)) return KG_PYTHON_ERROR;
            const int64 i_stop = subtensor_n0_12 - i_start < 512 ? subtensor_n0_12 : i_start + 512;
            const int64 i_last = i_stop - (i_stop - i_start) % 16;
            for (int64 i_base = i_start; i_base < i_last; i_base += 16) {
                for (int64 lane = 0; lane < 16; lane++) {
                    const int64 i = i_base + lane;
                    sum_total_lanes[lane] = sum_total_lanes[lane] + v_part__6[i];
                }
            }
            for (int64 i = i_last; i < i_stop; i++) {
                sum_total = sum_total + v_part__6[i];
            }
            if (i_stop - i_start == 512) {
                block_float64(&sum_total_tree, sum_total_lanes);
            }
        }
        sum_total = sum_total + gather_float64(&sum_total_tree, sum_total_lanes);
    }
    const float64 v_sum = sum_total;
    for (int64 j_start = 0; j_start < input_n0_3; j_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 j_stop = input_n0_3 - j_start < 65536 ? input_n0_3 : j_start + 65536;
        for (int64 j = j_start; j < j_stop; j++) {
            const float64 mul = v_sum * operand_2[j];
            const float64 mul_1 = mul * 0.1;
            const float64 add_1 = mul_1 + v_part__7[j * v_part__7_s0];
            const float64 add_2 = add_1 + v_tanh;
            add[j] = add_2;
        }
    }
    for (int64 k_start = 0; k_start < input_n0_2; k_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 k_stop = input_n0_2 - k_start < 65536 ? input_n0_2 : k_start + 65536;
        for (int64 k = k_start; k < k_stop; k++) {
            const float64 copy_3 = operand_1[k];
            copy_2[k] = copy_3;
        }
    }
    return KG_DONE;
}

/* scan */
static int32_t copy_4(kg_host *host, const int64 first_n1, const int64 input_n0_3,
        const float64 *restrict add, float64 *restrict v_row_6) {
    for (int64 iteration_2_start = 0; iteration_2_start < first_n1; iteration_2_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_2_stop = first_n1 - iteration_2_start < 65536 ? first_n1 : iteration_2_start + 65536;
        for (int64 iteration_2 = iteration_2_start; iteration_2 < iteration_2_stop; iteration_2++) {
            v_row_6[iteration_2] = add[iteration_2];
        }
    }
    return KG_DONE;
}

/* scan */
static int32_t copy_5(kg_host *host, const int64 first_n1, const int64 input_n0_2,
        const float64 *restrict copy_2, float64 *restrict v_row_7) {
    for (int64 iteration_3_start = 0; iteration_3_start < first_n1; iteration_3_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_3_stop = first_n1 - iteration_3_start < 65536 ? first_n1 : iteration_3_start + 65536;
        for (int64 iteration_3 = iteration_3_start; iteration_3 < iteration_3_stop; iteration_3++) {
            v_row_7[iteration_3] = copy_2[iteration_3];
        }
    }
    return KG_DONE;
}

/* copy_6 = copy(v_part__10) */
/* copy_7 = copy(broadcast(0)) */
/* mul_2 = 2 * v_part__9 */
/* ... */
static int32_t kernel_6(kg_host *host, const int64 first_n1, const int64 subtensor_transpose_n0,
        const int64 subtensor_n0, const float64 *restrict v_part__10,
        const float64 *restrict v_part__9, float64 *restrict copy_6, float64 *restrict copy_7,
        float64 *subtensor_transpose, float64 *restrict mul_2, float64 *v_part__18,
        const int64 v_part__9_s0, const int64 v_part__18_s0) {
    int64 work = 0;
    for (int64 i_start = 0; i_start < first_n1; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = first_n1 - i_start < 65536 ? first_n1 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 copy_8 = v_part__10[i];
            copy_6[i] = copy_8;
            const float64 copy_9 = 0.0;
            copy_7[i] = copy_9;
        }
    }
    for (int64 at = 0; at < subtensor_transpose_n0; at++) {
        for (int64 at_1 = 0; at_1 < first_n1; at_1++) {
            subtensor_transpose[at * first_n1 + at_1] = 0.0;
        }
        work += first_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 j = 0; j < subtensor_n0; j++) {
        for (int64 i = 0; i < first_n1; i++) {
            const float64 mul_3 = 2.0 * v_part__9[j * v_part__9_s0 + i];
            mul_2[j * first_n1 + i] = mul_3;
            v_part__18[j * v_part__18_s0 + i] = mul_3;
        }
        work += first_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    return KG_DONE;
}

/* scan */
static int32_t copy_10(kg_host *host, const int64 first_n1, const float64 *restrict copy_7,
        float64 *restrict history_2) {
    for (int64 iteration_4_start = 0; iteration_4_start < first_n1; iteration_4_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_4_stop = first_n1 - iteration_4_start < 65536 ? first_n1 : iteration_4_start + 65536;
        for (int64 iteration_4 = iteration_4_start; iteration_4 < iteration_4_stop; iteration_4++) {
            history_2[iteration_4] = copy_7[iteration_4];
        }
    }
    return KG_DONE;
}

/* scan */
static int32_t copy_11(kg_host *host, const int64 first_n1, const float64 *restrict copy_7,
        float64 *restrict history_3) {
    for (int64 iteration_5_start = 0; iteration_5_start < first_n1; iteration_5_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_5_stop = first_n1 - iteration_5_start < 65536 ? first_n1 : iteration_5_start + 65536;
        for (int64 iteration_5 = iteration_5_start; iteration_5 < iteration_5_stop; iteration_5++) {
            history_3[iteration_5] = copy_7[iteration_5];
        }
    }
    return KG_DONE;
}

/* subtensor_transpose_2 = subtensor_transpose(..., 9223372036854775806, -9223372036854775808, -1, ...) */
/* add_4 = operand_8 + ... + subtensor_transpose(..., 1, 9223372036854775806, 1, ...) */
/* mul_5 = (operand_6 + operand_7) * 0.1 * sum(v_part__19) */
static int32_t kernel_9(kg_host *host, const int64 input_n0_6, const int64 input_n0_11,
        const int64 input_n0_7, const int64 broadcast_n0, const int64 subtensor_n0_13,
        const float64 *restrict operand_6, const float64 *restrict operand_7,
        const float64 *restrict operand_5, const float64 *restrict operand_4,
        const float64 *restrict operand_8, const float64 *restrict v_part__19,
        bool8 *subtensor_transpose_1, bool8 *v_part__20, float64 *subtensor_transpose_2,
        float64 *restrict mul_4, float64 *v_part__21, float64 *subtensor_transpose_3,
        float64 *v_part__22, float64 *restrict add_3, float64 *subtensor_transpose_4,
        float64 *v_part__23, float64 *restrict add_4, float64 *restrict mul_5,
        const int64 v_part__21_s0) {
    for (int64 at_2_start = 0; at_2_start < input_n0_6; at_2_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_2_stop = input_n0_6 - at_2_start < 65536 ? input_n0_6 : at_2_start + 65536;
        for (int64 at_2 = at_2_start; at_2 < at_2_stop; at_2++) {
            subtensor_transpose_1[at_2] = 0;
        }
    }
    v_part__20[0] = 1;
    float64 sum_total_1 = 0.0;
    float64 sum_total_2 = 0.0;
    for (int64 at_3_start = 0; at_3_start < input_n0_11; at_3_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_3_stop = input_n0_11 - at_3_start < 65536 ? input_n0_11 : at_3_start + 65536;
        for (int64 at_3 = at_3_start; at_3 < at_3_stop; at_3++) {
            subtensor_transpose_2[at_3] = 0.0;
        }
    }
    if (input_n0_7 < 16) {
        for (int64 i = 0; i < input_n0_7; i++) {
            const float64 add_5 = operand_6[i] + operand_7[i];
            sum_total_1 = sum_total_1 + add_5;
            const float64 mul_6 = add_5 * 0.1;
            mul_4[i] = mul_6;
            const float64 mul_7 = mul_6 * operand_5[i];
            sum_total_2 = sum_total_2 + mul_7;
            v_part__21[i * v_part__21_s0] = add_5;
        }
    }
    else {
        float64 sum_total_1_lanes[16];
        tree_float64 sum_total_1_tree;
        for (int64 lane = 0; lane < 16; lane++) sum_total_1_lanes[lane] = -0.0;
        sum_total_1_tree.blocks = 0;
        float64 sum_total_2_lanes[16];
        tree_float64 sum_total_2_tree;
        for (int64 lane = 0; lane < 16; lane++) sum_total_2_lanes[lane] = -0.0;
        sum_total_2_tree.blocks = 0;
        for (int64 i_start = 0; i_start < input_n0_7; i_start += 512) {
            if (i_start % 65536 == 0 && host->poll(host)) return KG_PYTHON_ERROR;
            const int64 i_stop = input_n0_7 - i_start < 512 ? input_n0_7 : i_start + 512;
            const int64 i_last = i_stop - (i_stop - i_start) % 16;
            for (int64 i_base = i_start; i_base < i_last; i_base += 16) {
                for (int64 lane = 0; lane < 16; lane++) {
                    const int64 i = i_base + lane;
                    const float64 add_5 = operand_6[i] + operand_7[i];
                    sum_total_1_lanes[lane] = sum_total_1_lanes[lane] + add_5;
                    const float64 mul_6 = add_5 * 0.1;
                    mul_4[i] = mul_6;
                    const float64 mul_7 = mul_6 * operand_5[i];
                    sum_total_2_lanes[lane] = sum_total_2_lanes[lane] + mul_7;
                    v_part__21[i * v_part__21_s0] = add_5;
                }
            }
            for (int64 i = i_last; i < i_stop; i++) {
                const float64 add_5 = operand_6[i] + operand_7[i];
                sum_total_1 = sum_total_1 + add_5;
                const float64 mul_6 = add_5 * 0.1;
                mul_4[i] = mul_6;
                const float64 mul_7 = mul_6 * operand_5[i];
                sum_total_2 = sum_total_2 + mul_7;
                v_part__21[i * v_part__21_s0] = add_5;
            }
            if (i_stop - i_start == 512) {
                block_float64(&sum_total_1_tree, sum_total_1_lanes);
                block_float64(&sum_total_2_tree, sum_total_2_lanes);
            }
        }
        sum_total_1 = sum_total_1 + gather_float64(&sum_total_1_tree, sum_total_1_lanes);
        sum_total_2 = sum_total_2 + gather_float64(&sum_total_2_tree, sum_total_2_lanes);
    }
    const float64 v_sum_1 = sum_total_1;
    const float64 v_sum_2 = sum_total_2;
    for (int64 at_4_start = 0; at_4_start < input_n0_6; at_4_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_4_stop = input_n0_6 - at_4_start < 65536 ? input_n0_6 : at_4_start + 65536;
        for (int64 at_4 = at_4_start; at_4 < at_4_stop; at_4++) {
            subtensor_transpose_3[at_4] = 0.0;
        }
    }
    v_part__22[0] = v_sum_1;
    for (int64 j_start = 0; j_start < input_n0_6; j_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 j_stop = input_n0_6 - j_start < 65536 ? input_n0_6 : j_start + 65536;
        for (int64 j = j_start; j < j_stop; j++) {
            const float64 v_tanh_1 = tanh(operand_4[j]);
            const float64 sqr = v_tanh_1 * v_tanh_1;
            const float64 sub = 1.0 - sqr;
            const float64 mul_8 = subtensor_transpose_3[j] * sub;
            const bool8 subtensor_transpose_1_read = subtensor_transpose_1[j];
            const float64 v_switch = subtensor_transpose_1_read ? mul_8 : 0.0;
            const float64 add_6 = operand_8[j] + v_switch;
            add_3[j] = add_6;
        }
    }
    for (int64 at_5_start = 0; at_5_start < input_n0_6; at_5_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 at_5_stop = input_n0_6 - at_5_start < 65536 ? input_n0_6 : at_5_start + 65536;
        for (int64 at_5 = at_5_start; at_5 < at_5_stop; at_5++) {
            subtensor_transpose_4[at_5] = 0.0;
        }
    }
    for (int64 k_start = 0; k_start < broadcast_n0; k_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 k_stop = broadcast_n0 - k_start < 65536 ? broadcast_n0 : k_start + 65536;
        for (int64 k = k_start; k < k_stop; k++) {
            v_part__23[k] = v_sum_2;
        }
    }
    for (int64 j_start = 0; j_start < input_n0_6; j_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 j_stop = input_n0_6 - j_start < 65536 ? input_n0_6 : j_start + 65536;
        for (int64 j = j_start; j < j_stop; j++) {
            const float64 add_7 = add_3[j] + subtensor_transpose_4[j];
            add_4[j] = add_7;
        }
    }
    float64 sum_total_3 = 0.0;
    if (subtensor_n0_13 < 16) {
        for (int64 l = 0; l < subtensor_n0_13; l++) {
            sum_total_3 = sum_total_3 + v_part__19[l];
        }
    }
    else {
        float64 sum_total_3_lanes[16];
        tree_float64 sum_total_3_tree;
        for (int64 lane = 0; lane < 16; lane++) sum_total_3_lanes[lane] = -0.0;
        sum_total_3_tree.blocks = 0;
        for (int64 l_start = 0; l_start < subtensor_n0_13; l_start += 512) {
            if (l_start % 65536 == 0 && host->poll(host)) return KG_PYTHON_ERROR;
            const int64 l_stop = subtensor_n0_13 - l_start < 512 ? subtensor_n0_13 : l_start + 512;
            const int64 l_last_1 = l_stop - (l_stop - l_start) % 16;
            for (int64 l_base_1 = l_start; l_base_1 < l_last_1; l_base_1 += 16) {
                for (int64 lane = 0; lane < 16; lane++) {
                    const int64 l = l_base_1 + lane;
                    sum_total_3_lanes[lane] = sum_total_3_lanes[lane] + v_part__19[l];
                }
            }
            for (int64 l = l_last_1; l < l_stop; l++) {
                sum_total_3 = sum_total_3 + v_part__19[l];
            }
            if (l_stop - l_start == 512) {
                block_float64(&sum_total_3_tree, sum_total_3_lanes);
            }
        }
        sum_total_3 = sum_total_3 + gather_float64(&sum_total_3_tree, sum_total_3_lanes);
    }
    const float64 v_sum_3 = sum_total_3;
    for (int64 i_start = 0; i_start < input_n0_7; i_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 i_stop = input_n0_7 - i_start < 65536 ? input_n0_7 : i_start + 65536;
        for (int64 i = i_start; i < i_stop; i++) {
            const float64 mul_9 = mul_4[i] * v_sum_3;
            mul_5[i] = mul_9;
        }
    }
    return KG_DONE;
}

/* scan */
static int32_t copy_12(kg_host *host, const int64 first_n1, const int64 input_n0_6,
        const float64 *restrict add_4, float64 *restrict history_2) {
    for (int64 iteration_6_start = 0; iteration_6_start < first_n1; iteration_6_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_6_stop = first_n1 - iteration_6_start < 65536 ? first_n1 : iteration_6_start + 65536;
        for (int64 iteration_6 = iteration_6_start; iteration_6 < iteration_6_stop; iteration_6++) {
            history_2[iteration_6] = add_4[iteration_6];
        }
    }
    return KG_DONE;
}

/* scan */
static int32_t copy_13(kg_host *host, const int64 first_n1, const int64 input_n0_7,
        const float64 *restrict mul_5, float64 *restrict history_3) {
    for (int64 iteration_7_start = 0; iteration_7_start < first_n1; iteration_7_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_7_stop = first_n1 - iteration_7_start < 65536 ? first_n1 : iteration_7_start + 65536;
        for (int64 iteration_7 = iteration_7_start; iteration_7 < iteration_7_stop; iteration_7++) {
            history_3[iteration_7] = mul_5[iteration_7];
        }
    }
    return KG_DONE;
}

/* scan */
static int32_t copy_14(kg_host *host, const int64 x_n1, const int64 input_n0_11,
        const float64 *restrict subtensor_transpose_2, float64 *restrict v_row_13) {
    for (int64 iteration_8_start = 0; iteration_8_start < x_n1; iteration_8_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 iteration_8_stop = x_n1 - iteration_8_start < 65536 ? x_n1 : iteration_8_start + 65536;
        for (int64 iteration_8 = iteration_8_start; iteration_8 < iteration_8_stop; iteration_8++) {
            v_row_13[iteration_8] = subtensor_transpose_2[iteration_8];
        }
    }
    return KG_DONE;
}

/* subtensor_transpose_5 = subtensor_transpose(v_part__24, -9223372036854775808, minimum, 1, size(x, 0), size(x, 1)) */
/* add_8 = subtensor_transpose(history_3, 0, ..., ...) + subtensor_transpose(..., 1, ..., ...) */
static int32_t kernel_13(kg_host *host, const int64 x_n0, const int64 x_n1,
        const int64 subtensor_n0_11, const int64 first_n0, const int64 first_n1,
        const float64 *restrict v_part__24, const float64 *restrict history_3,
        const float64 *restrict history_2, const float64 *restrict v_part__17,
        float64 *subtensor_transpose_5, float64 *v_part__25, float64 *subtensor_transpose_6,
        float64 *subtensor_transpose_7, float64 *v_part__26, float64 *v_part__27,
        float64 *restrict add_8, const int64 v_part__24_s0, const int64 v_part__25_s0) {
    int64 work = 0;
    for (int64 at_6 = 0; at_6 < x_n0; at_6++) {
        for (int64 at_7 = 0; at_7 < x_n1; at_7++) {
            subtensor_transpose_5[at_6 * x_n1 + at_7] = 0.0;
        }
        work += x_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 i = 0; i < subtensor_n0_11; i++) {
        for (int64 j = 0; j < x_n1; j++) {
            v_part__25[i * v_part__25_s0 + j] = v_part__24[i * v_part__24_s0 + j];
        }
        work += x_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 at_8 = 0; at_8 < first_n0; at_8++) {
        for (int64 at_9 = 0; at_9 < first_n1; at_9++) {
            subtensor_transpose_6[at_8 * first_n1 + at_9] = 0.0;
        }
        work += first_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 at_10 = 0; at_10 < first_n0; at_10++) {
        for (int64 at_11 = 0; at_11 < first_n1; at_11++) {
            subtensor_transpose_7[at_10 * first_n1 + at_11] = 0.0;
        }
        work += first_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
        }
    }
    for (int64 k_start = 0; k_start < first_n1; k_start += 65536) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 k_stop = first_n1 - k_start < 65536 ? first_n1 : k_start + 65536;
        for (int64 k = k_start; k < k_stop; k++) {
            v_part__26[k] = history_3[k];
            const float64 add_9 = history_2[k] + v_part__17[k];
            v_part__27[k] = add_9;
        }
    }
    for (int64 l = 0; l < first_n0; l++) {
        for (int64 k = 0; k < first_n1; k++) {
            const float64 add_10 = subtensor_transpose_6[l * first_n1 + k] + subtensor_transpose_7[l * first_n1 + k];
            add_8[l * first_n1 + k] = add_10;
        }
        work += first_n1;
        if (work > 262144) {
            if (host->poll(host)) return KG_PYTHON_ERROR;
            work = 0;
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
    const int64 k_n0 = values[1].shape[0];
    int64 *const v_k = (int64 *)values[1].data;
    const int64 first_n0 = values[2].shape[0];
    const int64 first_n1 = values[2].shape[1];
    if (values[2].strides[1] != sizeof(float64) && host->pack(host, 2, 1)) return KG_NO_ROOM + 1;
    float64 *const first = (float64 *)values[2].data;
    const int64 first_s0 = values[2].strides[0] / (int64)sizeof(float64);
    const int64 size = x_n0 < k_n0 || x_n0 != x_n0 ? x_n0 : k_n0;
    const int64 scan_n0 = size + 1;
    if (scan_n0 < 0) return fail(host, 0, scan_n0, 0, 0);
    const int64 scan_n0_1 = scan_n0;
    if (scan_n0_1 < 0) return fail(host, 1, scan_n0_1, 0, 0);
    const int64 subtensor_n0 = slice_length(scan_n0, 1, 9223372036854775806LL, 1);
    if (subtensor_n0 < 0) return fail(host, 2, subtensor_n0, 0, 0);
    const int64 subtensor_n0_1 = slice_length(x_n0, INT64_MIN, size, 1);
    if (subtensor_n0_1 < 0) return fail(host, 3, subtensor_n0_1, 0, 0);
    const int64 subtensor_n0_2 = slice_length(subtensor_n0_1, 9223372036854775806LL, INT64_MIN, (-1));
    if (subtensor_n0_2 < 0) return fail(host, 4, subtensor_n0_2, 0, 0);
    const int64 subtensor_n0_3 = slice_length(k_n0, INT64_MIN, size, 1);
    if (subtensor_n0_3 < 0) return fail(host, 5, subtensor_n0_3, 0, 0);
    const int64 subtensor_n0_4 = slice_length(subtensor_n0_3, 9223372036854775806LL, INT64_MIN, (-1));
    if (subtensor_n0_4 < 0) return fail(host, 6, subtensor_n0_4, 0, 0);
    const int64 subtensor_n0_5 = slice_length(scan_n0, INT64_MIN, (-1), 1);
    if (subtensor_n0_5 < 0) return fail(host, 7, subtensor_n0_5, 0, 0);
    const int64 subtensor_n0_6 = slice_length(subtensor_n0_5, 9223372036854775806LL, INT64_MIN, (-1));
    if (subtensor_n0_6 < 0) return fail(host, 8, subtensor_n0_6, 0, 0);
    const int64 subtensor_n0_7 = slice_length(scan_n0_1, INT64_MIN, (-1), 1);
    if (subtensor_n0_7 < 0) return fail(host, 9, subtensor_n0_7, 0, 0);
    const int64 subtensor_n0_8 = slice_length(subtensor_n0_7, 9223372036854775806LL, INT64_MIN, (-1));
    if (subtensor_n0_8 < 0) return fail(host, 10, subtensor_n0_8, 0, 0);
    const int64 subtensor_transpose_n0 = scan_n0;
    if (subtensor_transpose_n0 < 0) return fail(host, 11, subtensor_transpose_n0, 0, 0);
    const int64 subtensor_n0_9 = slice_length(subtensor_transpose_n0, 1, 9223372036854775806LL, 1);
    if (subtensor_n0_9 < 0) return fail(host, 12, subtensor_n0_9, 0, 0);
    const int64 subtensor_n0_10 = slice_length(subtensor_n0_9, 9223372036854775806LL, INT64_MIN, (-1));
    if (subtensor_n0_10 < 0) return fail(host, 13, subtensor_n0_10, 0, 0);
    const int64 scan_n0_2 = size;
    if (scan_n0_2 < 0) return fail(host, 14, scan_n0_2, 0, 0);
    const int64 subtensor_n0_11 = slice_length(scan_n0_2, 9223372036854775806LL, INT64_MIN, (-1));
    if (subtensor_n0_11 < 0) return fail(host, 15, subtensor_n0_11, 0, 0);
    if ((elements(first_n1, (to_int64((size >= 1))))) != (elements((slice_length(x_n1, 9223372036854775806LL, INT64_MIN, (-1))), (to_int64((size >= 1)))))) return fail(host, 16, elements(first_n1, (to_int64((size >= 1)))), elements((slice_length(x_n1, 9223372036854775806LL, INT64_MIN, (-1))), (to_int64((size >= 1)))), 0);
    int64 v_part__at0 = 1;
    if (v_part__at0 < -first_n0 || v_part__at0 >= first_n0) return fail(host, 17, v_part__at0, first_n0, 0);
    if (v_part__at0 < 0) v_part__at0 += first_n0;
    float64 *const v_part_ = first + v_part__at0 * first_s0;
    int64 v_part__1_at0 = 0;
    if (v_part__1_at0 < -first_n0 || v_part__1_at0 >= first_n0) return fail(host, 18, v_part__1_at0, first_n0, 0);
    if (v_part__1_at0 < 0) v_part__1_at0 += first_n0;
    float64 *const v_part__1 = first + v_part__1_at0 * first_s0;
    if (1 == 0) return fail(host, 19, 0, 0, 0);
    float64 *const v_part__2 = subtensor_n0_1 == 0 || x_n1 == 0 ? x : x + slice_start(x_n0, INT64_MIN, 1) * x_s0;
    const int64 v_part__2_s0 = (1) * x_s0;
    if ((-1) == 0) return fail(host, 20, 0, 0, 0);
    float64 *const v_part__3 = subtensor_n0_2 == 0 || x_n1 == 0 ? v_part__2 : v_part__2 + slice_start(subtensor_n0_1, 9223372036854775806LL, (-1)) * v_part__2_s0;
    const int64 v_part__3_s0 = ((-1)) * v_part__2_s0;
    if (1 == 0) return fail(host, 21, 0, 0, 0);
    int64 *const v_part__4 = subtensor_n0_3 == 0 ? v_k : v_k + slice_start(k_n0, INT64_MIN, 1) * 1;
    if ((-1) == 0) return fail(host, 22, 0, 0, 0);
    int64 *const v_part__5 = subtensor_n0_4 == 0 ? v_part__4 : v_part__4 + slice_start(subtensor_n0_3, 9223372036854775806LL, (-1)) * 1;
    const int64 v_part__5_s0 = ((-1)) * 1;
    int64 minimum;
    status = kernel_0(host, x_n0, k_n0, &minimum);
    if (status) return status;
    float64 *const history = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){scan_n0, first_n1}));
    if (history == NULL) return KG_NO_ROOM + 2;
    float64 *const history_1 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){scan_n0_1, first_n1}));
    if (history_1 == NULL) return KG_NO_ROOM + 3;
    int64 v_row_at0 = 0;
    if (v_row_at0 < -scan_n0 || v_row_at0 >= scan_n0) return fail(host, 23, v_row_at0, scan_n0, 0);
    if (v_row_at0 < 0) v_row_at0 += scan_n0;
    float64 *const v_row = history + v_row_at0 * 1 * first_n1;
    status = copy(host, first_n1, v_part_, v_row);
    if (status) return status;
    int64 v_row_1_at0 = 0;
    if (v_row_1_at0 < -scan_n0_1 || v_row_1_at0 >= scan_n0_1) return fail(host, 24, v_row_1_at0, scan_n0_1, 0);
    if (v_row_1_at0 < 0) v_row_1_at0 += scan_n0_1;
    float64 *const v_row_1 = history_1 + v_row_1_at0 * 1 * first_n1;
    status = copy_1(host, first_n1, v_part__1, v_row_1);
    if (status) return status;
    for (int64 step = 0; step < minimum; step++) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 scratch_mark = host->mark(host);
        int64 v_row_2_at0 = step;
        if (v_row_2_at0 < -x_n0 || v_row_2_at0 >= x_n0) return fail(host, 25, v_row_2_at0, x_n0, 0);
        if (v_row_2_at0 < 0) v_row_2_at0 += x_n0;
        float64 *const v_row_2 = x + v_row_2_at0 * x_s0;
        const int64 input_n0_5 = x_n1;
        int64 v_row_3_at0 = step;
        if (v_row_3_at0 < -k_n0 || v_row_3_at0 >= k_n0) return fail(host, 26, v_row_3_at0, k_n0, 0);
        if (v_row_3_at0 < 0) v_row_3_at0 += k_n0;
        int64 *const v_row_3 = v_k + v_row_3_at0 * 1;
        int64 v_row_4_at0 = step;
        if (v_row_4_at0 < -scan_n0 || v_row_4_at0 >= scan_n0) return fail(host, 27, v_row_4_at0, scan_n0, 0);
        if (v_row_4_at0 < 0) v_row_4_at0 += scan_n0;
        float64 *const v_row_4 = history + v_row_4_at0 * 1 * first_n1;
        const int64 input_n0_2 = first_n1;
        int64 v_row_5_at0 = step;
        if (v_row_5_at0 < -scan_n0_1 || v_row_5_at0 >= scan_n0_1) return fail(host, 28, v_row_5_at0, scan_n0_1, 0);
        if (v_row_5_at0 < 0) v_row_5_at0 += scan_n0_1;
        float64 *const v_row_5 = history_1 + v_row_5_at0 * 1 * first_n1;
        const int64 input_n0_3 = first_n1;
        const int64 subtensor_n0_12 = slice_length(input_n0_2, 1, 9223372036854775806LL, 1);
        if (subtensor_n0_12 < 0) return fail(host, 29, subtensor_n0_12, 0, 0);
        if (input_n0_3 != (slice_length(input_n0_5, 9223372036854775806LL, INT64_MIN, (-1)))) return fail(host, 30, input_n0_3, slice_length(input_n0_5, 9223372036854775806LL, INT64_MIN, (-1)), 0);
        float64 *const operand = v_row_2;
        float64 *const operand_1 = v_row_4;
        float64 *const operand_2 = v_row_5;
        if (1 == 0) return fail(host, 31, 0, 0, 0);
        float64 *const v_part__6 = subtensor_n0_12 == 0 ? operand_1 : operand_1 + slice_start(input_n0_2, 1, 1) * 1;
        if ((-1) == 0) return fail(host, 32, 0, 0, 0);
        float64 *const v_part__7 = input_n0_3 == 0 ? operand : operand + slice_start(input_n0_5, 9223372036854775806LL, (-1)) * 1;
        const int64 v_part__7_s0 = ((-1)) * 1;
        int64 v_part__8_at0 = v_row_3[0];
        if (v_part__8_at0 < -input_n0_2 || v_part__8_at0 >= input_n0_2) return fail(host, 33, v_part__8_at0, input_n0_2, 0);
        if (v_part__8_at0 < 0) v_part__8_at0 += input_n0_2;
        float64 *const v_part__8 = operand_1 + v_part__8_at0 * 1;
        float64 *const add = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_3}));
        if (add == NULL) return KG_NO_ROOM + 4;
        float64 *const copy_2 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_2}));
        if (copy_2 == NULL) return KG_NO_ROOM + 5;
        status = kernel_3(host, subtensor_n0_12, input_n0_3, input_n0_2, v_part__8, v_part__6,
                operand_2, v_part__7, operand_1, add, copy_2, v_part__7_s0);
        if (status) return status;
        int64 v_row_6_at0 = step + 1;
        if (v_row_6_at0 < -scan_n0 || v_row_6_at0 >= scan_n0) return fail(host, 34, v_row_6_at0, scan_n0, 0);
        if (v_row_6_at0 < 0) v_row_6_at0 += scan_n0;
        float64 *const v_row_6 = history + v_row_6_at0 * 1 * first_n1;
        if (first_n1 != input_n0_3) return fail(host, 35, first_n1, input_n0_3, 0);
        status = copy_4(host, first_n1, input_n0_3, add, v_row_6);
        if (status) return status;
        int64 v_row_7_at0 = step + 1;
        if (v_row_7_at0 < -scan_n0_1 || v_row_7_at0 >= scan_n0_1) return fail(host, 36, v_row_7_at0, scan_n0_1, 0);
        if (v_row_7_at0 < 0) v_row_7_at0 += scan_n0_1;
        float64 *const v_row_7 = history_1 + v_row_7_at0 * 1 * first_n1;
        if (first_n1 != input_n0_2) return fail(host, 37, first_n1, input_n0_2, 0);
        status = copy_5(host, first_n1, input_n0_2, copy_2, v_row_7);
        if (status) return status;
        host->release(host, scratch_mark);
    }
    if (1 == 0) return fail(host, 38, 0, 0, 0);
    float64 *const v_part__9 = subtensor_n0 == 0 || first_n1 == 0 ? history : history + slice_start(scan_n0, 1, 1) * 1 * first_n1;
    const int64 v_part__9_s0 = (1) * 1 * first_n1;
    int64 v_part__10_at0 = (-1);
    if (v_part__10_at0 < -subtensor_n0 || v_part__10_at0 >= subtensor_n0) return fail(host, 39, v_part__10_at0, subtensor_n0, 0);
    if (v_part__10_at0 < 0) v_part__10_at0 += subtensor_n0;
    float64 *const v_part__10 = v_part__9 + v_part__10_at0 * v_part__9_s0;
    if (1 == 0) return fail(host, 40, 0, 0, 0);
    float64 *const v_part__11 = subtensor_n0_5 == 0 || first_n1 == 0 ? history : history + slice_start(scan_n0, INT64_MIN, 1) * 1 * first_n1;
    const int64 v_part__11_s0 = (1) * 1 * first_n1;
    if ((-1) == 0) return fail(host, 41, 0, 0, 0);
    float64 *const v_part__12 = subtensor_n0_6 == 0 || first_n1 == 0 ? v_part__11 : v_part__11 + slice_start(subtensor_n0_5, 9223372036854775806LL, (-1)) * v_part__11_s0;
    const int64 v_part__12_s0 = ((-1)) * v_part__11_s0;
    if (1 == 0) return fail(host, 42, 0, 0, 0);
    float64 *const v_part__13 = subtensor_n0_7 == 0 || first_n1 == 0 ? history_1 : history_1 + slice_start(scan_n0_1, INT64_MIN, 1) * 1 * first_n1;
    const int64 v_part__13_s0 = (1) * 1 * first_n1;
    if ((-1) == 0) return fail(host, 43, 0, 0, 0);
    float64 *const v_part__14 = subtensor_n0_8 == 0 || first_n1 == 0 ? v_part__13 : v_part__13 + slice_start(subtensor_n0_7, 9223372036854775806LL, (-1)) * v_part__13_s0;
    const int64 v_part__14_s0 = ((-1)) * v_part__13_s0;
    if (host->allocate(host, 3, (int64[]){first_n1})) return KG_NO_ROOM + 6;
    float64 *const copy_6 = (float64 *)values[3].data;
    float64 *const copy_7 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){first_n1}));
    if (copy_7 == NULL) return KG_NO_ROOM + 7;
    float64 *const mul_2 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){subtensor_n0, first_n1}));
    if (mul_2 == NULL) return KG_NO_ROOM + 8;
    float64 *const subtensor_transpose = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){subtensor_transpose_n0, first_n1}));
    if (subtensor_transpose == NULL) return KG_NO_ROOM + 9;
    if (1 == 0) return fail(host, 44, 0, 0, 0);
    float64 *const v_part__15 = subtensor_n0_9 == 0 || first_n1 == 0 ? subtensor_transpose : subtensor_transpose + slice_start(subtensor_transpose_n0, 1, 1) * 1 * first_n1;
    const int64 v_part__15_s0 = (1) * 1 * first_n1;
    if ((-1) == 0) return fail(host, 45, 0, 0, 0);
    float64 *const v_part__16 = subtensor_n0_10 == 0 || first_n1 == 0 ? v_part__15 : v_part__15 + slice_start(subtensor_n0_9, 9223372036854775806LL, (-1)) * v_part__15_s0;
    const int64 v_part__16_s0 = ((-1)) * v_part__15_s0;
    int64 v_part__17_at0 = 0;
    if (v_part__17_at0 < -subtensor_transpose_n0 || v_part__17_at0 >= subtensor_transpose_n0) return fail(host, 46, v_part__17_at0, subtensor_transpose_n0, 0);
    if (v_part__17_at0 < 0) v_part__17_at0 += subtensor_transpose_n0;
    float64 *const v_part__17 = subtensor_transpose + v_part__17_at0 * 1 * first_n1;
    if (1 == 0) return fail(host, 47, 0, 0, 0);
    float64 *const v_part__18 = subtensor_n0 == 0 || first_n1 == 0 ? subtensor_transpose : subtensor_transpose + slice_start(subtensor_transpose_n0, 1, 1) * 1 * first_n1;
    const int64 v_part__18_s0 = (1) * 1 * first_n1;
    status = kernel_6(host, first_n1, subtensor_transpose_n0, subtensor_n0, v_part__10, v_part__9,
            copy_6, copy_7, subtensor_transpose, mul_2, v_part__18, v_part__9_s0, v_part__18_s0);
    if (status) return status;
    float64 *const history_2 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){first_n1}));
    if (history_2 == NULL) return KG_NO_ROOM + 10;
    float64 *const history_3 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){first_n1}));
    if (history_3 == NULL) return KG_NO_ROOM + 11;
    float64 *const history_4 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){scan_n0_2, x_n1}));
    if (history_4 == NULL) return KG_NO_ROOM + 12;
    status = copy_10(host, first_n1, copy_7, history_2);
    if (status) return status;
    status = copy_11(host, first_n1, copy_7, history_3);
    if (status) return status;
    for (int64 step_1 = 0; step_1 < minimum; step_1++) {
        if (host->poll(host)) return KG_PYTHON_ERROR;
        const int64 scratch_mark = host->mark(host);
        int64 v_row_8_at0 = step_1;
        if (v_row_8_at0 < -subtensor_n0_2 || v_row_8_at0 >= subtensor_n0_2) return fail(host, 48, v_row_8_at0, subtensor_n0_2, 0);
        if (v_row_8_at0 < 0) v_row_8_at0 += subtensor_n0_2;
        float64 *const v_row_8 = v_part__3 + v_row_8_at0 * v_part__3_s0;
        const int64 input_n0_11 = x_n1;
        int64 v_row_9_at0 = step_1;
        if (v_row_9_at0 < -subtensor_n0_4 || v_row_9_at0 >= subtensor_n0_4) return fail(host, 49, v_row_9_at0, subtensor_n0_4, 0);
        if (v_row_9_at0 < 0) v_row_9_at0 += subtensor_n0_4;
        int64 *const v_row_9 = v_part__5 + v_row_9_at0 * v_part__5_s0;
        int64 v_row_10_at0 = step_1;
        if (v_row_10_at0 < -subtensor_n0_6 || v_row_10_at0 >= subtensor_n0_6) return fail(host, 50, v_row_10_at0, subtensor_n0_6, 0);
        if (v_row_10_at0 < 0) v_row_10_at0 += subtensor_n0_6;
        float64 *const v_row_10 = v_part__12 + v_row_10_at0 * v_part__12_s0;
        const int64 input_n0_6 = first_n1;
        int64 v_row_11_at0 = step_1;
        if (v_row_11_at0 < -subtensor_n0_8 || v_row_11_at0 >= subtensor_n0_8) return fail(host, 51, v_row_11_at0, subtensor_n0_8, 0);
        if (v_row_11_at0 < 0) v_row_11_at0 += subtensor_n0_8;
        float64 *const v_row_11 = v_part__14 + v_row_11_at0 * v_part__14_s0;
        const int64 input_n0_7 = first_n1;
        int64 v_row_12_at0 = step_1;
        if (v_row_12_at0 < -subtensor_n0_10 || v_row_12_at0 >= subtensor_n0_10) return fail(host, 52, v_row_12_at0, subtensor_n0_10, 0);
        if (v_row_12_at0 < 0) v_row_12_at0 += subtensor_n0_10;
        float64 *const v_row_12 = v_part__16 + v_row_12_at0 * v_part__16_s0;
        const int64 broadcast_n0 = slice_length(input_n0_6, 1, 9223372036854775806LL, 1);
        if (broadcast_n0 < 0) return fail(host, 53, broadcast_n0, 0, 0);
        const int64 subtensor_n0_13 = broadcast_n0;
        if (subtensor_n0_13 < 0) return fail(host, 54, subtensor_n0_13, 0, 0);
        if (input_n0_7 != (slice_length(input_n0_11, 9223372036854775806LL, INT64_MIN, (-1)))) return fail(host, 55, input_n0_7, slice_length(input_n0_11, 9223372036854775806LL, INT64_MIN, (-1)), 0);
        if (first_n1 != input_n0_6) return fail(host, 56, first_n1, input_n0_6, 0);
        if (first_n1 != input_n0_7) return fail(host, 57, first_n1, input_n0_7, 0);
        float64 *const operand_3 = v_row_8;
        float64 *const operand_4 = v_row_10;
        float64 *const operand_5 = v_row_11;
        float64 *const operand_6 = v_row_12;
        float64 *const operand_7 = history_2;
        float64 *const operand_8 = history_3;
        if (1 == 0) return fail(host, 58, 0, 0, 0);
        float64 *const v_part__19 = subtensor_n0_13 == 0 ? operand_4 : operand_4 + slice_start(input_n0_6, 1, 1) * 1;
        float64 *const subtensor_transpose_2 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_11}));
        if (subtensor_transpose_2 == NULL) return KG_NO_ROOM + 13;
        float64 *const add_4 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_6}));
        if (add_4 == NULL) return KG_NO_ROOM + 14;
        float64 *const mul_5 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_7}));
        if (mul_5 == NULL) return KG_NO_ROOM + 15;
        bool8 *const subtensor_transpose_1 = (bool8 *)host->scratch(host, bytes_of(sizeof(bool8), 1, (int64[]){input_n0_6}));
        if (subtensor_transpose_1 == NULL) return KG_NO_ROOM + 16;
        float64 *const mul_4 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_7}));
        if (mul_4 == NULL) return KG_NO_ROOM + 17;
        float64 *const subtensor_transpose_3 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_6}));
        if (subtensor_transpose_3 == NULL) return KG_NO_ROOM + 18;
        float64 *const add_3 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_6}));
        if (add_3 == NULL) return KG_NO_ROOM + 19;
        float64 *const subtensor_transpose_4 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 1, (int64[]){input_n0_6}));
        if (subtensor_transpose_4 == NULL) return KG_NO_ROOM + 20;
        int64 v_part__20_at0 = v_row_9[0];
        if (v_part__20_at0 < -input_n0_6 || v_part__20_at0 >= input_n0_6) return fail(host, 59, v_part__20_at0, input_n0_6, 0);
        if (v_part__20_at0 < 0) v_part__20_at0 += input_n0_6;
        bool8 *const v_part__20 = subtensor_transpose_1 + v_part__20_at0 * 1;
        if ((-1) == 0) return fail(host, 60, 0, 0, 0);
        float64 *const v_part__21 = input_n0_7 == 0 ? subtensor_transpose_2 : subtensor_transpose_2 + slice_start(input_n0_11, 9223372036854775806LL, (-1)) * 1;
        const int64 v_part__21_s0 = ((-1)) * 1;
        int64 v_part__22_at0 = v_row_9[0];
        if (v_part__22_at0 < -input_n0_6 || v_part__22_at0 >= input_n0_6) return fail(host, 61, v_part__22_at0, input_n0_6, 0);
        if (v_part__22_at0 < 0) v_part__22_at0 += input_n0_6;
        float64 *const v_part__22 = subtensor_transpose_3 + v_part__22_at0 * 1;
        if (1 == 0) return fail(host, 62, 0, 0, 0);
        float64 *const v_part__23 = broadcast_n0 == 0 ? subtensor_transpose_4 : subtensor_transpose_4 + slice_start(input_n0_6, 1, 1) * 1;
        status = kernel_9(host, input_n0_6, input_n0_11, input_n0_7, broadcast_n0, subtensor_n0_13,
                operand_6, operand_7, operand_5, operand_4, operand_8, v_part__19,
                subtensor_transpose_1, v_part__20, subtensor_transpose_2, mul_4, v_part__21,
                subtensor_transpose_3, v_part__22, add_3, subtensor_transpose_4, v_part__23, add_4,
                mul_5, v_part__21_s0);
        if (status) return status;
        if (first_n1 != input_n0_6) return fail(host, 63, first_n1, input_n0_6, 0);
        status = copy_12(host, first_n1, input_n0_6, add_4, history_2);
        if (status) return status;
        if (first_n1 != input_n0_7) return fail(host, 64, first_n1, input_n0_7, 0);
        status = copy_13(host, first_n1, input_n0_7, mul_5, history_3);
        if (status) return status;
        int64 v_row_13_at0 = step_1;
        if (v_row_13_at0 < -scan_n0_2 || v_row_13_at0 >= scan_n0_2) return fail(host, 65, v_row_13_at0, scan_n0_2, 0);
        if (v_row_13_at0 < 0) v_row_13_at0 += scan_n0_2;
        float64 *const v_row_13 = history_4 + v_row_13_at0 * 1 * x_n1;
        if (x_n1 != input_n0_11) return fail(host, 66, x_n1, input_n0_11, 0);
        status = copy_14(host, x_n1, input_n0_11, subtensor_transpose_2, v_row_13);
        if (status) return status;
        host->release(host, scratch_mark);
    }
    if ((-1) == 0) return fail(host, 67, 0, 0, 0);
    float64 *const v_part__24 = subtensor_n0_11 == 0 || x_n1 == 0 ? history_4 : history_4 + slice_start(scan_n0_2, 9223372036854775806LL, (-1)) * 1 * x_n1;
    const int64 v_part__24_s0 = ((-1)) * 1 * x_n1;
    if (host->allocate(host, 4, (int64[]){x_n0, x_n1})) return KG_NO_ROOM + 21;
    float64 *const subtensor_transpose_5 = (float64 *)values[4].data;
    if (host->allocate(host, 5, (int64[]){first_n0, first_n1})) return KG_NO_ROOM + 22;
    float64 *const add_8 = (float64 *)values[5].data;
    float64 *const subtensor_transpose_6 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){first_n0, first_n1}));
    if (subtensor_transpose_6 == NULL) return KG_NO_ROOM + 23;
    float64 *const subtensor_transpose_7 = (float64 *)host->scratch(host, bytes_of(sizeof(float64), 2, (int64[]){first_n0, first_n1}));
    if (subtensor_transpose_7 == NULL) return KG_NO_ROOM + 24;
    if (1 == 0) return fail(host, 68, 0, 0, 0);
    float64 *const v_part__25 = subtensor_n0_11 == 0 || x_n1 == 0 ? subtensor_transpose_5 : subtensor_transpose_5 + slice_start(x_n0, INT64_MIN, 1) * 1 * x_n1;
    const int64 v_part__25_s0 = (1) * 1 * x_n1;
    int64 v_part__26_at0 = 0;
    if (v_part__26_at0 < -first_n0 || v_part__26_at0 >= first_n0) return fail(host, 69, v_part__26_at0, first_n0, 0);
    if (v_part__26_at0 < 0) v_part__26_at0 += first_n0;
    float64 *const v_part__26 = subtensor_transpose_6 + v_part__26_at0 * 1 * first_n1;
    int64 v_part__27_at0 = 1;
    if (v_part__27_at0 < -first_n0 || v_part__27_at0 >= first_n0) return fail(host, 70, v_part__27_at0, first_n0, 0);
    if (v_part__27_at0 < 0) v_part__27_at0 += first_n0;
    float64 *const v_part__27 = subtensor_transpose_7 + v_part__27_at0 * 1 * first_n1;
    status = kernel_13(host, x_n0, x_n1, subtensor_n0_11, first_n0, first_n1, v_part__24, history_3,
            history_2, v_part__17, subtensor_transpose_5, v_part__25, subtensor_transpose_6,
            subtensor_transpose_7, v_part__26, v_part__27, add_8, v_part__24_s0, v_part__25_s0);
    if (status) return status;
    return KG_DONE;
}
