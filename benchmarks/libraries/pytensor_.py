"""PyTensor; the environment's `PYTENSOR_FLAGS=linker=…` chooses between its numba and its C."""

# pyright: reportMissingImports=false
from __future__ import annotations

import pytensor
import pytensor.tensor as pt

from benchmarks.libraries.symbolic import Symbolic


def library() -> Symbolic:
    """PyTensor as it comes."""
    return Symbolic(pytensor, pt, lambda x: pt.special.softmax(x, axis=1))
