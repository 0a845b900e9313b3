"""NumPy's names: which function of `kernelgraph.tensor` is meant by one of NumPy's.

It is the function of the same name, of `numpy.linalg` the one in `T.linalg`. Where both have a name
and mean different things, or one thing has two names, a table says so.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from kernelgraph import tensor

_OTHER_NAMES = {
    "ravel": "flatten", "cumulative_sum": "cumsum", "cumulative_prod": "cumprod",
}  # fmt: skip
"""NumPy's second names that are none of ours."""

_OTHER_MEANINGS = ("round", "inv", "split", "clone", "choose", "fill", "copy", "grad", "scan")
"""Names that mean something else there, or take other arguments."""


def function_of_numpy(module: str, name: str) -> Callable[..., Any] | None:
    """The function of ours that one of NumPy's means, given where it is and what it is called.

    >>> function_of_numpy("numpy", "amax") is tensor.max
    True
    """
    if module == "numpy" and name not in _OTHER_MEANINGS:
        return _public(tensor, _OTHER_NAMES.get(name, name))
    if module == "numpy.linalg":
        return _public(tensor.linalg, name)
    return None


def _public(home: ModuleType, name: str) -> Callable[..., Any] | None:
    found = getattr(home, name, None) if name in home.__all__ else None
    return found if callable(found) and not isinstance(found, type) else None
