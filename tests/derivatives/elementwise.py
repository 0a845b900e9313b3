"""Entries for every op that is a formula for one element and has a derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from scipy import special

from kernelgraph.elementwise import OPS
from tests.derivatives.entries import Entry, Points, away_from_zero, inside, normal, positive
from tests.derivatives.stepped import larger, lifted, magnitude, smaller
from tests.support import Array

NO_DERIVATIVE = {
    "their results are no floats": (
        "lt", "le", "gt", "ge", "eq", "neq", "isnan", "isinf", "isfinite", "signbit",
    ),
    "they take integers only": (
        "bit_and", "bit_or", "bit_xor", "bit_not", "left_shift", "right_shift", "exact_div",
        "slice_length", "range_length", "padded_size",
    ),
    "they take complex numbers; tests/derivatives/composed.py has them": ("conj", "complex"),
    "steps, which other ops scale with": ("binade", "inverse_binade", "kept_up_to"),
    "nothing is known between their steps": ("int_div",),
    "zero everywhere for real numbers": ("imag",),
}  # fmt: skip


def _flat(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Of a function of steps, which moves nowhere."""
    return lambda x: function(x.real) + 0j


V = (5,)
ROUNDED = ("floor", "ceil", "trunc", "round_half_to_even", "round_half_away_from_zero", "sign")

ON_A_LINE: dict[str, Callable[..., Any]] = {
    "real": lambda x: x, "copy": lambda x: x, "abs": magnitude, "maximum": larger,
    "minimum": smaller,
    **{name: _flat(np.sign if name == "sign" else np.rint) for name in ROUNDED},
    "floor": _flat(np.floor), "ceil": _flat(np.ceil), "trunc": _flat(np.trunc),
    "cbrt": lambda x: np.sign(x.real) * (np.sign(x.real) * x) ** (1 / 3),
    "arctan2": lambda y, x: np.arctan2(y.real, x.real)
    + 1j * (x.real * y.imag - y.real * x.imag) / (x.real**2 + y.real**2),
    "hypot": lambda x, y: np.sqrt(x * x + y * y),
    "deg2rad": lambda x: x * (np.pi / 180), "rad2deg": lambda x: x * (180 / np.pi),
    "pow": lambda x, y: x**y,
    "switch": lambda c, x, y: np.where(c.real != 0, x, y),
    "mod": lambda x, y: x - y * np.floor(x.real / y.real),
    "copysign": lambda x, y: magnitude(x) * np.copysign(1, y.real),
    "nextafter": lambda x, y: np.nextafter(x.real, y.real) + 1j * x.imag,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "softplus": lambda x: np.log(1 + np.exp(x)),
    "erf": special.erf, "erfc": special.erfc, "erfcx": special.erfcx, "gamma": special.gamma,
    "gammaln": special.loggamma, "psi": special.psi,
    "tri_gamma": lifted(lambda x: mpmath.psi(1, x)),
    "polygamma": lifted(mpmath.psi, 0),
    "gammainc": lifted(lambda k, x: mpmath.gammainc(k, 0, x, regularized=True), 0),
    "gammaincc": lifted(lambda k, x: mpmath.gammainc(k, x, regularized=True), 0),
    "jv": lifted(mpmath.besselj, 0), "iv": lifted(mpmath.besseli, 0),
    "j0": lifted(lambda x: mpmath.besselj(0, x)), "j1": lifted(lambda x: mpmath.besselj(1, x)),
    "i0": lifted(lambda x: mpmath.besseli(0, x)), "i1": lifted(lambda x: mpmath.besseli(1, x)),
    "erfinv": lifted(mpmath.erfinv), "erfcinv": lifted(lambda x: mpmath.erfinv(1 - x)),
}  # fmt: skip


def _orders(rng: np.random.Generator) -> list[Array]:
    return [rng.integers(1, 5, size=V).astype("float64"), np.abs(rng.normal(size=V)) + 0.5]


def _quotient(rng: np.random.Generator) -> list[Array]:
    a, b = away_from_zero(V, V)(rng)
    return [a, b * 1.3]


def _switch(rng: np.random.Generator) -> list[Array]:
    return [np.array([0.0, 1.0, 1.0, 0.0, 1.0]), *normal(V, V)(rng)]


def _power(rng: np.random.Generator) -> list[Array]:
    return [np.abs(rng.normal(size=V)) + 0.5, rng.normal(size=V)]


POINTS: dict[str, Points] = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "log1p", "gamma", "gammaln", "psi",
                     "tri_gamma"), positive(V)),
    **dict.fromkeys(("arcsin", "arccos", "arctanh", "tan", "erfinv"), inside(-0.8, 0.8, V)),
    **dict.fromkeys(("polygamma", "gammainc", "gammaincc", "jv", "iv"), _orders),
    "erfcinv": inside(0.2, 1.8, V), "arccosh": inside(1.5, 4, V), "cbrt": away_from_zero(V),
    "abs": away_from_zero(V),
    "true_div": _quotient, "mod": _quotient, "arctan2": _quotient, "hypot": _quotient,
    "switch": _switch, "pow": _power,
    **dict.fromkeys(("round_half_to_even", "round_half_away_from_zero", "floor", "ceil", "trunc"),
                    inside(0.1, 0.4, V)),
}  # fmt: skip

KINKS: dict[str, tuple[str, ...]] = {
    "abs": ("zeros",), "sign": ("zeros",), "copysign": ("zeros",),
    "maximum": ("zeros", "ties"), "minimum": ("zeros", "ties"),
    **dict.fromkeys(("floor", "ceil", "trunc"), ("zeros",)),
}  # fmt: skip
"""Where only the first derivative is promised."""

OUTSIDE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "gamma", "gammaln", "psi", "tri_gamma",
                     "cbrt", "true_div", "mod", "hypot", "arctan2", "polygamma", "gammainc",
                     "gammaincc", "jv", "iv", "pow", "erfcinv", "arccosh", "nextafter"),
                    ("zeros",)),
}  # fmt: skip
"""Where there is no derivative: an infinity, or NaN."""

TIED_OUTSIDE = (
    "mod",
    "polygamma",
    "gammainc",
    "gammaincc",
    "jv",
    "iv",
    "arccosh",
    "nextafter",
    "erfcinv",
)
"""Where operands that are all alike lie outside, or between integers."""


def elementwise_entries() -> dict[str, Entry]:
    """One for each op of the table that has a derivative."""
    none = {name for names in NO_DERIVATIVE.values() for name in names}
    found: dict[str, Entry] = {}
    for name, op in OPS.items():
        if name in none:
            continue
        kinks, outside = KINKS.get(name, ()), OUTSIDE.get(name, ())
        outside = (*outside, "ties") if name in TIED_OUTSIDE else outside
        edges = [e for e in ("zeros", "ties") if e not in (*kinks, *outside)]
        theirs = ON_A_LINE.get(name, op.numpy)
        points = POINTS.get(name, normal(*[V] * op.arity))
        fixed = (0,) if points is _orders else ()
        found[name] = Entry(op, theirs, points, edges, kinks, outside, fixed)
    return found
