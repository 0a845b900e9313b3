"""Tapers (window functions): m weights that fall off to both sides of the middle.

    hanning(m)[k] = (1 - cos(2 pi k / (m - 1))) / 2

Source: R. Blackman, J. Tukey, The Measurement of Power Spectra (1958); J. Kaiser, Proceedings of
the Third Allerton Conference (1965), for the taper of his name.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.graph import Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, maximum, minimum
from kernelgraph.ops.bessel import i0
from kernelgraph.ops.blocks import count_of
from kernelgraph.ops.functions import cos, sqrt
from kernelgraph.ops.positions import count
from kernelgraph.ops.sources import constant_size

__all__ = ["bartlett", "blackman", "hamming", "hanning", "kaiser"]


def _from_middle(m: Any) -> Variable:
    """Where m places are between the ends, from -1 to 1; a single one is in the middle."""
    length = maximum(count_of(m, "a number of weights"), constant_size(0))
    last = cast(length - 1, "float64")
    return (2.0 * cast(count(length), "float64") - last) / maximum(last, np.float64(1))


def bartlett(m: Any) -> Variable:
    """m weights (an integer or an int scalar) in straight lines from 0 up to 1 and down again."""
    place = _from_middle(m)
    return minimum(1.0 + place, 1.0 - place)


def hanning(m: Any) -> Variable:
    """m weights along one wave of a cosine, from 0 up to 1 and down again."""
    return 0.5 + 0.5 * cos(np.pi * _from_middle(m))


def hamming(m: Any) -> Variable:
    """m weights along one wave of a cosine, from 0.08 up to 1 and down again."""
    return 0.54 + 0.46 * cos(np.pi * _from_middle(m))


def blackman(m: Any) -> Variable:
    """m weights along the sum of two waves of cosines, whose slopes are 0 at the ends as well."""
    angle = np.pi * _from_middle(m)
    return 0.42 + 0.5 * cos(angle) + 0.08 * cos(2.0 * angle)


def kaiser(m: Any, beta: Any) -> Variable:
    """m weights of a Bessel function, the narrower the larger `beta` (a number or scalar) is:
    i0(beta sqrt(1 - place ** 2)) / i0(beta), with places from -1 to 1.
    """
    width, place = cast(as_variable(beta), "float64"), _from_middle(m)
    return i0(width * sqrt(maximum(1.0 - place * place, 0.0))) / i0(width)
