"""Means, variances and standard deviations along axes.

The mean of n numbers is their sum divided by n. The variance is the sum of their squared distances
from the mean, divided by n; or by n - 1, where they are a sample of which the mean is estimated:

    mean_and_variance(x)[1] * n / (n - 1) = var(x, ddof=1)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kernelgraph.errors import DTypeError, OptionError
from kernelgraph.expect import came, expect_flag, expect_number
from kernelgraph.graph import Apply, Variable
from kernelgraph.notices import tell
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import DIVIDE, cast, maximum
from kernelgraph.ops.complexes import complex_, imag, real
from kernelgraph.ops.folding import expect_dtype
from kernelgraph.ops.functions import sqrt
from kernelgraph.ops.noticing import MEAN_OF_NOTHING
from kernelgraph.ops.reductions import OfReals, count, insert_axes, reduced, sum_
from kernelgraph.ops.views import normalize_axes
from kernelgraph.templates import State, Template
from kernelgraph.types import Array, is_complex, is_float, is_inexact

__all__ = ["mean", "mean_and_variance", "std", "var"]


def _zero(dtype: str) -> Any:
    return 0


def _wide(dtype: str) -> str:
    return "float64"


class MeanAndVariance(OfReals):
    """Mean and (population) variance in one pass, by Welford's update (Technometrics 4, 1962): no
    cancellation.

    What rounding takes from the mean and from the spread is kept beside them and given back at the
    next element (Kahan, Communications of the ACM 8, 1965), so that the error does not grow with
    the number of elements. Infinities are added up apart: their mean is one of them, or NaN. Of
    nothing, both are NaN.
    """

    name = "mean_and_variance"
    lets = (
        State("share", _zero, _wide, "1 / ({count} + 1)"),
        State("delta", _zero, _wide, "{x} - {mean} - {lost}"),
        State("step", _zero, _wide, "{delta} * {share} + {lost}"),
        State("next", _zero, _wide, "{mean} + {step}"),
        State("rest", _zero, _wide, "{step} - ({next} - {mean})"),
        State("square", _zero, _wide, "{delta} * ({x} - {next} - {rest}) + {crumbs}"),
        State("sum", _zero, _wide, "{spread} + {square}"),
    )
    states = (
        State("count", _zero, _wide, "{count} + 1"),
        State("crumbs", _zero, _wide, "{square} - ({sum} - {spread})"),
        State("spread", _zero, _wide, "{sum}"),
        State("mean", _zero, _wide, "{next}"),
        State("lost", _zero, _wide, "{rest}"),
        State("infinite", _zero, _wide, "{infinite} + ({x} - {x} == 0 ? 0 : {x})",
              "{infinite} + (0 if np.isfinite({x}) else {x})"),
    )  # fmt: skip
    finish = (
        Template("mean", "{infinite} == 0 ? {mean} + 0 / {count} : {infinite}",
                 "{mean} + divide(0, {count}) if {infinite} == 0 else {infinite}",
                 helpers=(DIVIDE,)),
        Template("variance", "{spread} / {count}", "divide({spread}, {count})", helpers=(DIVIDE,)),
    )  # fmt: skip
    notice = MEAN_OF_NOTHING

    def output_dtypes(self, dtype: str) -> Sequence[str]:
        return [dtype if is_float(dtype) else "float64"] * 2

    def evaluate(self, node: Apply, inputs: Sequence[Any]) -> Sequence[Any]:
        x: Array = np.asarray(inputs[0]).astype("float64")
        if any(x.shape[axis] == 0 for axis in self.axes):
            tell(MEAN_OF_NOTHING, node)
        with np.errstate(all="ignore"):
            count = np.asarray(np.sum(np.ones_like(x), axis=self.axes))
            mean = np.asarray(np.sum(x, axis=self.axes) / count)
            apart = x - np.expand_dims(mean, self.axes)
            error = np.sum(apart, axis=self.axes)  # of the mean, which was rounded
            spread = np.sum(apart**2, axis=self.axes) - error**2 / count
            return [
                mean.astype(node.outputs[0].dtype),
                np.asarray(spread / count).astype(node.outputs[1].dtype),
            ]

    def partials(self, node: Apply) -> Sequence[Any]:
        """1/n and 2 (x - mean)/n."""
        (x,) = node.inputs
        share = 1.0 / cast(count(x, self.axes), node.outputs[0].dtype)
        return share, 2 * share * (x - insert_axes(node.outputs[0], self.axes, x.ndim))


def mean(
    x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
) -> Variable:
    """Sum over `axis` divided by the number of elements; of nothing, NaN.

    Integers are summed as float64, if `dtype` names no other float. `dtype` and `acc_dtype` are
    those of the sum: see `T.sum`, also for errors.
    """
    x, dtype = as_variable(x), expect_dtype(dtype)
    if dtype is not None and not is_inexact(dtype):
        raise DTypeError(f"a mean is a float, not {dtype}", code="KG-D009")
    x = x if is_inexact(x.dtype) else cast(x, dtype or "float64")
    if x.dtype == "float16":  # neither the sum nor the number of elements may leave its range
        found = mean(cast(x, "float32"), axis, None, keepdims)
        return cast(found, dtype or "float16")
    total = sum_(x, axis, dtype, keepdims, acc_dtype)
    return total / cast(count(x, normalize_axes(axis, x)), total.dtype)


def mean_and_variance(x: Any, axis: Any = None, keepdims: bool = False) -> list[Variable]:
    """Mean and population variance over `axis`, in one pass over the numbers. The variance of
    complex numbers is the sum of those of their parts.
    """
    x = as_variable(x)
    if x.dtype == "float16":
        wide = mean_and_variance(cast(x, "float32"), axis, keepdims)
        return [cast(found, "float16") for found in wide]
    if is_complex(x.dtype):
        parts = [mean_and_variance(part(x), axis, keepdims) for part in (real, imag)]
        (means, more), (variance, rest) = zip(*parts, strict=True)
        return [complex_(means, more), variance + rest]
    return reduced(MeanAndVariance, x, axis, keepdims)


def var(
    x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, corrected: bool = False
) -> Variable:
    """Variance over `axis`: squared distances from the mean, divided by n - `ddof`; 0 for that of
    a population, 1 for the estimate from a sample. Where n is not above `ddof` it is NaN or
    infinite, as in NumPy.

    What rounding takes from the mean is always given back, so `corrected`, with which Theano asks
    for that, changes nothing. Raises `OptionError` for a `ddof` that is no number.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> x = T.dvector("x")
    >>> kg.function([x], [T.var(x), T.var(x, ddof=1)])([1e9, 1e9 + 1, 1e9 + 2])
    [array(0.66666667), array(1.)]
    """
    if isinstance(ddof, bool | np.bool_):
        raise OptionError(
            f"ddof must be a number, not {came(ddof)}: Parameter keepdims is now at index 3: "
            "(input, axis=None, ddof=0, keepdims=False, corrected=False)",
            hint="write keepdims=True",
        )
    expect_flag(corrected, "corrected")
    ddof = expect_number(ddof, "ddof")
    found = mean_and_variance(x, axis, keepdims)[1]
    if not ddof:
        return found
    x = as_variable(x)
    n = cast(count(x, normalize_axes(axis, x)), "float64")
    return cast(found * (n / maximum(n - ddof, 0.0)), found.dtype)


def std(
    x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, corrected: bool = False
) -> Variable:
    """Standard deviation over `axis`: the root of `var`, whose arguments it has."""
    return sqrt(var(x, axis, ddof, keepdims, corrected))
