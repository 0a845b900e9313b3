"""All cases, by subject."""

from __future__ import annotations

from kernelgraph.elementwise import OPS
from kernelgraph.ops import moments, reductions
from tests.every_op.cases import Case
from tests.every_op.elementwise import SIZE_OPS, cast_cases, elementwise_cases, size_cases
from tests.every_op.graphs import graph_cases
from tests.every_op.matrices import matrix_cases
from tests.every_op.memory import index_cases, size_of_cases, view_cases
from tests.every_op.moves import move_cases
from tests.every_op.products import dot_cases, product_cases
from tests.every_op.reductions import factor_cases, reduction_cases, running_cases, softmax_cases
from tests.every_op.sorting import sorted_cases
from tests.support import DTYPES

CASES: dict[str, list[Case]] = {
    **{
        f"elementwise {name}": list(elementwise_cases(op))
        for name, op in OPS.items()
        if name not in SIZE_OPS
    },
    **{f"cast {dtype}": list(cast_cases(dtype)) for dtype in DTYPES},
    **{
        f"reduction {kind.name}": list(reduction_cases(kind))
        for kind in (
            reductions.Sum,
            reductions.Max,
            reductions.Min,
            reductions.MaxAndArgmax,
            reductions.MinAndArgmin,
            reductions.AnyOf,
            reductions.AllOf,
            moments.MeanAndVariance,
        )
    },
    "running": list(running_cases()),
    "factors": list(factor_cases()),
    "sorted": list(sorted_cases()),
    "dot": list(dot_cases()),
    "products": list(product_cases()),
    "sizes": list(size_cases()),
    "views": list(view_cases()),
    "indices": list(index_cases()),
    "shapes": list(size_of_cases()),
    "softmax": list(softmax_cases()),
    "moves": list(move_cases()),
    "matrices": list(matrix_cases()),
    "graphs": list(graph_cases()),
}

ALL = [case for cases in CASES.values() for case in cases]
POSITION = {case: k for k, case in enumerate(ALL)}
