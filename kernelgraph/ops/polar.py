"""Complex numbers by length and angle: z = r (cos θ + i sin θ)."""

from __future__ import annotations

from typing import Any

from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.complexes import complex_, imag, real
from kernelgraph.ops.functions import cos, sin
from kernelgraph.ops.trigonometry import arctan2

__all__ = ["angle", "complex_from_polar"]


def angle(z: Any) -> Variable:
    """The angle of complex numbers in radians, from -π to π; of real ones 0, or π if negative.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> z = T.zscalar("z")
    >>> round(float(kg.function([z], T.angle(z), target="python")(1j)), 6)
    1.570796
    """
    z = as_variable(z)
    return arctan2(imag(z), real(z))


def complex_from_polar(length: Any, theta: Any) -> Variable:
    """Complex numbers with these lengths and angles (in radians), of equal sizes.

    >>> import kernelgraph as kg, kernelgraph.tensor as T
    >>> r = T.dscalar("r")
    >>> complex(kg.function([r], T.complex_from_polar(r, 0.0), target="python")(2.0))
    (2+0j)
    """
    length, theta = as_variable(length), as_variable(theta)
    return complex_(length * cos(theta), length * sin(theta))
