"""Tables of expressions: what `kernelgraph.tensor` makes of symbols beside what NumPy makes of
their values, `T.median(m)  =  np.median(m)`.
"""

from __future__ import annotations

import itertools
import re
import warnings
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T

GENERATOR = np.random.default_rng(0)

VALUES: dict[str, Any] = {
    "x": GENERATOR.normal(size=7),
    "m": GENERATOR.normal(size=(4, 5)),
    "t": GENERATOR.normal(size=(2, 3, 4)),
    "w": GENERATOR.uniform(0.5, 2, size=5),
    "p": GENERATOR.normal(size=(3, 3)),
    "s": np.sort(GENERATOR.normal(size=6)),
    "q": np.array([0.0, 0.25, 0.5, 0.8, 1.0]),
    "h": np.array([[1.0, np.nan, 3.0, -np.inf], [np.nan] * 4, [np.inf, 2.0, 0.0, 1.0]]),
    "n": np.int64(5),
    "i": np.array([3, 1, 4, 1, 5, 9, 2, 6]),
    "j": np.array([1, 9, 3, 7]),
    "k": np.arange(12).reshape(3, 4),
}
"""Numbers in general, weights, sorted ones, shares, numbers with NaN, and integers."""


def symbols() -> dict[str, Any]:
    """A symbol for each of the values."""
    return {name: T.tensor(v.dtype.name, (None,) * v.ndim, name) for name, v in VALUES.items()}


def same_as_numpy(target: str, table: str) -> None:
    """Compare a table of expressions, all of which are one function. They are put together from ops
    that have tests of their own, so C, which takes long to compile, gets some of them.
    """
    inputs = symbols()
    pairs = [line.split("  =  ") for line in table.strip().splitlines()]
    pairs = pairs[:: 6 if target == "c" else 1]
    with warnings.catch_warnings():  # NumPy's, of NaN
        warnings.simplefilter("ignore")
        made = [_listed(eval(line, {"T": T, "np": np, **inputs})) for line, _ in pairs]
        wanted = [_listed(eval(line, {"np": np, **VALUES})) for _, line in pairs]
        outputs = [*itertools.chain(*made)]
        f = kg.function([*inputs.values()], outputs, target=target, on_unused_input="ignore")
        found = iter(f(*VALUES.values()))
    for (line, _), symbolic, results in zip(pairs, made, wanted, strict=True):
        assert len(symbolic) == len(results), line
        for expected in map(np.asarray, results):
            result = next(found)
            assert (result.shape, result.dtype) == (expected.shape, expected.dtype), line
            np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-13, err_msg=line)


def right_slopes(expression: str) -> None:
    """Compare derivatives by all float symbols of an expression with numerical ones."""
    words = re.findall(r"\w+", expression)
    used = [name for name in "xmtwps" if name in words]

    def function(*given: Any) -> Any:
        return eval(expression, {"T": T, "np": np, **dict(zip(used, given, strict=True))})

    with kg.config.change_flags(target="interpret"):
        T.verify_grad(function, [VALUES[name] for name in used], rng=np.random.RandomState(0))


def _listed(results: Any) -> list[Any]:
    return list(results) if isinstance(results, list | tuple) else [results]
