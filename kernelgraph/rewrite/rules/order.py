"""The order in which rules are asked, of those of a phase that look at the same op.

A rule declares its phase itself; here it has its place among the others. The first that has
something for a node wins: what is special stands before what is general.
"""

from __future__ import annotations

from kernelgraph.rewrite.rule import Rule
from kernelgraph.rewrite.rules import (
    averages,
    cancellation,
    casts,
    choices,
    class_probabilities,
    common_subexpressions,
    composites,
    constants,
    error_function,
    exponentials,
    hyperbolic,
    indexing,
    inner_graphs,
    likelihoods,
    logarithms,
    logarithms_of_sums,
    matrix_products,
    mixtures,
    norms,
    powers,
    products,
    reductions,
    shares,
    sigmoids,
    signs,
    softmax,
    sums,
    views,
)

DEFAULT: tuple[Rule, ...] = (
    # merge
    common_subexpressions.merge,
    # fold
    constants.fold,
    # simplify
    products.times_one, products.divided_by_one, sums.minus_zero, sums.plus_negative_zero,
    sums.plus_zero, sums.plus_computed_zero, powers.power_one, powers.power_zero,
    products.integer_times_zero, sums.integer_minus_itself, signs.zero_minus_integer,
    signs.negative_twice, signs.times_minus_one, signs.plus_negative, signs.minus_negative,
    signs.negative_times, signs.negative_divided, signs.divided_by_negative,
    signs.square_of_negative, signs.magnitude_of_negative, signs.magnitude_twice,
    signs.magnitude_of_square, signs.square_of_magnitude, products.whole_divided_by_one,
    powers.power_two, powers.power_minus_one, powers.product_of_one, products.times_reciprocal,
    choices.larger_of_one, choices.smaller_of_one, choices.choice_of_one, choices.choice_made,
    choices.choice_refused, casts.cast_twice, views.shuffle_once, matrix_products.transpose_of_dot,
    views.broadcast_twice, views.shuffle_of_broadcast, views.broadcast_late, views.single_axes_last,
    views.negative_of_shuffled, matrix_products.column_as_vector,
    reductions.reduce_without_single_axes, reductions.reduce_one, views.size_of_source,
    indexing.item_of_stack, reductions.negative_out_of_sum, reductions.sum_of_one_number,
    products.constants_together, reductions.mean_of_the_variance, indexing.scattered_together,
    indexing.scattered_mask, indexing.part_is_all, indexing.part_of_elementwise,
    indexing.part_of_dot, views.reshape_of_flat, views.reshape_to_itself, reductions.reduce_twice,
    # stabilize
    casts.integers_as_floats, logarithms.log_of_exp, logarithms.log_one_plus_exp,
    logarithms.log1p_of_exp, logarithms_of_sums.log_of_two_exps, logarithms.log_of_sigmoid,
    logarithms.log1p_of_negative_sigmoid, exponentials.reciprocal_of_exp, logarithms.log_one_plus,
    logarithms.log_one_minus, exponentials.exp_minus_one, exponentials.one_minus_exp,
    exponentials.exp_of_negative_sum, sigmoids.sigmoid_of, sigmoids.sigmoid_of_negative,
    sigmoids.divided_by_one_plus_exp_of_negative, sigmoids.divided_by_one_plus_exp,
    sigmoids.divided_by_square_of_one_plus_exp_of_negative,
    sigmoids.divided_by_square_of_one_plus_exp, sigmoids.one_minus_sigmoid,
    sigmoids.exp_times_sigmoid, cancellation.cancel_positive, cancellation.distribute_and_cancel,
    cancellation.cancel_guarded, sigmoids.factor_out_one_minus_sigmoid,
    sigmoids.one_plus_exp_times_sigmoid, cancellation.cancel_power, error_function.log_of_erfc,
    error_function.log_of_half_erfc, error_function.one_minus_erf, error_function.one_plus_erf,
    error_function.half_plus_half_erf, error_function.one_minus_half_erfc,
    error_function.half_of_erfc, error_function.erf_minus_one, error_function.one_minus_erfc,
    error_function.exp_square_times_erfc, error_function.slope_of_log_erfc, softmax.log_of_softmax,
    softmax.log_of_one_minus_softmax, softmax.negative_slope, softmax.slope_of_cross_entropy,
    softmax.slope_of_other_classes, softmax.softmax_by_hand, logarithms_of_sums.log_sum_exp,
    softmax.exp_over_its_sum, softmax.divisor_out_of_sum, softmax.slope_of_softmax,
    class_probabilities.log_of_picked, class_probabilities.log_of_part,
    class_probabilities.log_of_total_of_some, class_probabilities.slope_of_picked,
    class_probabilities.slope_of_part, logarithms_of_sums.log_of_powers_together,
    logarithms_of_sums.log1p_of_powers_together, logarithms.log_of_product, logarithms.log_of_power,
    logarithms.log_odds, logarithms.log_of_choice, logarithms.log_of_complement,
    logarithms.log_of_softplus, logarithms.sigmoid_over_softplus, exponentials.exp_beside_exp_of_it,
    exponentials.exp_over_its_expm1, logarithms.log_of_negative_expm1,
    logarithms.log1p_of_negative_exp, exponentials.exp_over_expm1, hyperbolic.tanh_by_exp,
    hyperbolic.tanh_by_negative_exp, exponentials.exp_below_a_limit, mixtures.log_of_mixture,
    mixtures.share_of_mixture, mixtures.slope_of_weighted, shares.share_of_total,
    shares.cancel_powers, shares.share_of_powers, shares.share_of_sigmoids,
    hyperbolic.tanh_by_powers, hyperbolic.tanh_by_sigmoid, hyperbolic.sigmoid_by_tanh,
    hyperbolic.sigmoid_by_negative_tanh, hyperbolic.log_of_one_minus_tanh_squared,
    hyperbolic.cancel_slope_of_tanh, hyperbolic.slope_of_tanh_over_sigmoid, norms.length_by_scales,
    hyperbolic.log_of_one_plus_tanh, hyperbolic.log_of_one_minus_tanh,
    hyperbolic.slope_of_log_of_one_plus_tanh, matrix_products.mixture_by_dot,
    matrix_products.log_of_dot, matrix_products.share_of_dot, averages.divided_by_square,
    averages.quotient_of_powers, averages.average_of_powers, likelihoods.log_of_closeness,
    likelihoods.slope_of_closeness, likelihoods.log_of_any, likelihoods.slope_of_any,
    # inner
    inner_graphs.inside,
    # expand
    composites.definition,
)  # fmt: skip
"""All rules of this package, in the order in which they are asked."""
