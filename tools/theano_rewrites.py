"""What became of Theano's rewrites here: for each of those that its documentation lists or that
teach something, the rules of ours that do it, or what does its work instead.
"""

from __future__ import annotations

OURS: dict[str, tuple[str, ...]] = {
    "merge": ("merge",),
    "constant folding": ("fold",),
    "shape promotion (local_shape_to_shape_i, ShapeFeature)": ("size_of_source",),
    "fill cut, local_fill_sink, local_fill_to_alloc": (
        "broadcast_late", "broadcast_twice", "shuffle_of_broadcast",
    ),
    "local_dimshuffle_lift, local_useless_dimshuffle": ("shuffle_once", "single_axes_last"),
    "local_lift_transpose_through_dot": ("transpose_of_dot",),
    "constant elimination, pow specialization": (
        "power_one", "power_zero", "power_two", "power_minus_one",
    ),
    "add canonicalization": (
        "minus_zero", "plus_zero", "plus_negative", "minus_negative", "integer_minus_itself",
        "distribute_and_cancel",
    ),
    "mul canonicalization": (
        "times_one", "divided_by_one", "constants_together", "times_reciprocal",
        "cancel_positive",
    ),
    "neg_neg": ("negative_twice",),
    "neg_div_neg": ("negative_divided", "divided_by_negative"),
    "mul specialization": ("times_minus_one", "integer_times_zero", "product_of_one"),
    "local_intdiv_by_one": ("whole_divided_by_one",),
    "local_abs_merge": ("magnitude_twice", "magnitude_of_square", "magnitude_of_negative"),
    "local_cast_cast": ("cast_twice",),
    "local_func_inv": ("log_of_exp",),
    "local_expm1": ("exp_minus_one", "one_minus_exp"),
    "local_log1p": ("log_one_plus", "log_one_minus"),
    "local_log_add": ("log_of_two_exps",),
    "local_log_sum_exp": ("log_sum_exp",),
    "local_useless_switch": ("choice_made", "choice_refused", "choice_of_one"),
    "sum_scalar_mul, local_sum_prod_mul_by_scalar, local_sum_prod_div_dimshuffle": (
        "negative_out_of_sum", "divisor_out_of_sum",
    ),
    "local_op_of_op": ("reduce_twice",),
    "local_useless_reduce, local_reduce_broadcastable": (
        "reduce_one", "reduce_without_single_axes",
    ),
    "local_sum_of_alloc": ("sum_of_one_number",),
    "local_subtensor_lift": ("part_of_elementwise",),
    "local_subtensor_of_dot": ("part_of_dot",),
    "local_useless_slice, local_useless_subtensor": ("part_is_all",),
    "local_subtensor_make_vector": ("item_of_stack",),
    "reshape_chain, local_useless_reshape": ("reshape_of_flat", "reshape_to_itself"),
    "local_log_softmax, logsoftmax_grad": ("log_of_softmax", "derivative_of_cross_entropy"),
    "local_advanced_indexing_crossentropy_onehot(_grad)": ("log_of_picked", "derivative_of_picked"),
    "softmax simplification": ("softmax_by_hand", "exp_over_its_sum", "derivative_of_softmax"),
    "local_log_erfc, local_grad_log_erfc_neg": ("log_of_erfc", "derivative_of_log_erfc"),
    "local_one_minus_erf and its kin": ("one_minus_erf", "erf_minus_one", "one_minus_erfc"),
    "inv_1_plus_exp, 1msigmoid, exp_over_1_plus_exp, sigm_times_exp": (
        "sigmoid_of", "one_minus_sigmoid", "divided_by_one_plus_exp", "exp_times_sigmoid",
    ),
    "log1pexp_to_softplus, logsigm_to_softplus": (
        "log_one_plus_exp", "log1p_of_exp", "log_of_sigmoid",
    ),
    "scan's inner rewrites": ("inside",),
}  # fmt: skip
"""Rules of ours for each of theirs."""

OTHERWISE: dict[str, str] = {
    "elemwise fusion (Composite)": "the schedule fuses whole loops: `f.stages.schedule` and its "
    "decisions say what went into which, and why",
    "gemv, ger": "products of a matrix and a vector, and outer products, are loops of ours, so "
    "that they fuse with what uses them: X is read once in a step of logistic regression",
    "dot22, gemm (αAB + βZ), dot22scalar": "products of two matrices go to the BLAS library "
    "(a decision of the schedule says so); α and β are done in the loop that follows, which reads "
    "the product anyway",
    "gemm and ger in place, inplace_elemwise, inplace_setsubtensor, inplace_random": "nothing that "
    "a user can see is overwritten while a call can still fail; an update's memory is swapped in",
    "local_0_dot_x, x * 0 and x - x of floats": "not done: 0 times NaN or infinity is NaN; for "
    "integers they are (integer_times_zero, integer_minus_itself)",
    "local_mul_switch_sink, local_div_switch_sink": "not done: what the switch leaves out may be "
    "NaN times 0; a gradient is a switch outside of its products to begin with",
    "local_merge_switch_same_cond": "two switches of one condition are one loop already",
    "local_sumsqr2dot": "a sum of squares is one loop already",
    "local_subtensor_merge": "a slice of a slice is a description of memory; nothing is copied",
    "local_flatten_lift, local_reshape_lift": "a reshape is another description of the memory",
    "local_IncSubtensor_serialize": "gradients of parts are added one by one in a fused loop",
    "local_greedy_distributor": "not done: it takes exponential time",
    "local_remove_all_assert (unsafe)": "checks are kept: each is one comparison a call",
    "local_useless_elemwise, local_view_op": "there are no such nodes",
    "crossentropy_softmax_argmax_1hot_with_bias": "one loop over rows does scores, probabilities, "
    "loss and slope (derivative_of_cross_entropy), for integer targets as well",
    "GPU transfer": "a target is chosen for the whole program",
    "scan's push-outs, save_mem": "`scan` keeps only the last step where that is all that is asked "
    "for; what does not change from step to step is rewritten before the loop",
    "sparse_dot, conv group, batch normalisation": "these ops are not part of the language",
}
"""What does the work of theirs for which there is no rule."""


def section() -> str:
    """The part of the rules' page that speaks of Theano's list."""
    lines = [
        "## Theano's rewrites\n",
        "For each that Theano's documentation lists, or that teaches something: who does it.\n",
        "| in Theano | here |",
        "|---|---|",
    ]
    lines += [
        f"| {theirs} | {', '.join(f'[{name}](#{name})' for name in ours)} |"
        for theirs, ours in OURS.items()
    ]
    lines += [f"| {theirs} | {why} |" for theirs, why in OTHERWISE.items()]
    return "\n".join(lines) + "\n"
