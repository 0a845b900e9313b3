"""Which dtype a constant gets where a loop or a choice needs one type: the first value of a state,
and a branch.

Numbers of Python have no dtype of their own: they take that of what they meet, if it can hold them.
A NumPy scalar or array has the dtype that it says; it may become a wider one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kernelgraph.config import config
from kernelgraph.errors import DTypeError, KernelgraphError
from kernelgraph.graph import Constant, Variable, leaves, substitute
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.types import (
    INTEGERS,
    TensorType,
    is_complex,
    is_float,
    is_python_number,
    listed,
    upcast,
)

_KINDS = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}

_ROUNDS = 8
"""A dtype grows at most so often: there are no more of them."""


def is_plain(value: Any, deepest: int = 64) -> bool:
    """Whether a value is a number of Python, or a list of such, at most as deep as arrays are."""
    if isinstance(value, list | tuple):
        items = listed(value) if deepest else []
        return bool(items) and all(is_plain(item, deepest - 1) for item in items)
    return is_python_number(value)


@dataclass
class Start:
    """The first value of a state; `plain` if it is made of Python's numbers."""

    variable: Variable
    plain: bool

    @classmethod
    def of(cls, value: Any) -> Start:
        """From what the user wrote."""
        return cls(as_variable(value), is_plain(value))

    def state(self, as_float: bool = False) -> Variable:
        """The state before anything is known of the step: as `shared` would keep a number, or a
        float in any case.
        """
        kind = self.variable.type
        if self.plain and isinstance(kind, TensorType) and kind.dtype != "bool":
            floats = as_float or is_float(kind.dtype)
            whole = config.floatX if floats else "int64"
            kind = kind.with_dtype("complex128" if is_complex(kind.dtype) else whole)
        return Variable(kind)

    def holds(self, dtype: str) -> bool:
        """Whether the value is a constant that can be of `dtype`."""
        return can_become(self.variable, dtype, self.plain)


def can_become(variable: Variable, dtype: str, plain: bool) -> bool:
    """Whether a constant can be of another dtype: numbers of Python if no digit is lost, and no
    float becomes an integer, and no integer a truth value.
    """
    if not isinstance(variable, Constant) or not isinstance(variable.type, TensorType):
        return False
    if variable.dtype == dtype or np.can_cast(variable.dtype, dtype, "safe"):
        return True
    if not plain or _KINDS[np.dtype(dtype).kind] < _KINDS[np.dtype(variable.dtype).kind]:
        return False
    try:
        TensorType(dtype, (None,) * variable.ndim).filter(variable.data.tolist())
    except DTypeError:
        return False
    return True


@dataclass
class Settling:
    """The states of a step and its results, while dtypes are found for them.

    The first results are the next values of the states, in order.
    """

    starts: list[Start]
    states: list[Variable]
    results: list[Variable]

    def settle(self) -> None:
        """Give each state that starts as a constant the dtype that the step makes of it.

        Integers of Python become int64 where the step stays with integers, and floats become floatX
        where it knows no dtype but that of numbers: as `shared` keeps them. States that start as
        variables, or whose dtypes do not settle, stay as they are.
        """
        before = self.states, self.results
        try:
            self._settle_from({k: self._first(s) for k, s in enumerate(self.starts) if s.plain})
        except KernelgraphError:  # the step needs the wider numbers that it was made with
            self.states, self.results = before
            self._settle_from({})
        wide = {k: self._as_kept(k) for k, start in enumerate(self.starts) if start.plain}
        wide = {k: dtype for k, dtype in wide.items() if self.starts[k].holds(dtype)}
        self._try(wide)  # states that become each other widen together
        for k, dtype in wide.items():
            self._try({k: dtype})
        for k, start in enumerate(self.starts):
            if start.variable.dtype != self.states[k].dtype:
                start.variable = cast(start.variable, self.states[k].dtype)
            if start.plain and self.results[k].dtype != self.states[k].dtype:
                self.results[k] = cast(self.results[k], self.states[k].dtype)

    def _first(self, start: Start) -> str:
        """The least dtype that a start can have: float16 for a float of Python, if the step has
        such numbers.
        """
        dtype = start.variable.dtype
        if not is_float(dtype) or not start.holds("float16"):
            return dtype
        known = (v for v in leaves(self.results) if isinstance(v.type, TensorType))
        halves = any(v.dtype == "float16" for v in known if v not in self.states)
        return "float16" if halves else dtype

    def _settle_from(self, dtypes: dict[int, str]) -> None:
        self.states, self.results = self._with(dtypes)
        for _ in range(_ROUNDS):
            wanted = self._dtypes_of_results()
            if not wanted:
                break
            self.states, self.results = self._with(wanted)

    def _dtypes_of_results(self) -> dict[int, str]:
        found: dict[int, str] = {}
        triples = zip(self.starts, self.states, self.results, strict=False)
        for k, (start, state, result) in enumerate(triples):
            if result.dtype == state.dtype or not isinstance(start.variable, Constant):
                continue
            if start.holds(result.dtype):
                found[k] = result.dtype
            elif start.plain:
                found[k] = upcast(start.variable.dtype, result.dtype)
        return {k: dtype for k, dtype in found.items() if dtype != self.states[k].dtype}

    def _with(self, dtypes: dict[int, str]) -> tuple[list[Variable], list[Variable]]:
        new = {
            self.states[k]: Variable(self.states[k].tensor_type.with_dtype(dtype))
            for k, dtype in dtypes.items()
            if self.states[k].dtype != dtype
        }
        return [new.get(v, v) for v in self.states], substitute(self.results, new)

    def _as_kept(self, k: int) -> str:
        """The dtype that a number would have in a shared variable, where state `k` can have it."""
        dtype = self.states[k].dtype
        if dtype in INTEGERS:
            return "int64"
        known = [v for v in leaves([self.results[k]]) if not isinstance(v, Constant)]
        free = [v for v, start in zip(self.states, self.starts, strict=True) if start.plain]
        return config.floatX if is_float(dtype) and all(v in free for v in known) else dtype

    def _try(self, dtypes: dict[int, str]) -> None:
        """Give states these dtypes, if each then still becomes what it is."""
        try:
            states, results = self._with(dtypes)
        except KernelgraphError:
            return
        before = zip(self.states, self.results, strict=False)
        after = zip(states, results, strict=False)
        same = [a.dtype == b.dtype for a, b in before]
        if all(a.dtype == b.dtype or not was for (a, b), was in zip(after, same, strict=True)):
            self.states, self.results = states, results


def common_dtype(a: Variable, b: Variable, plain: tuple[bool, bool]) -> str | None:
    """The dtype that both branches of a choice can have, where one of them is a constant."""
    if a.dtype == b.dtype:
        return a.dtype
    if can_become(b, a.dtype, plain[1]):
        return a.dtype
    if can_become(a, b.dtype, plain[0]):
        return b.dtype
    return upcast(a.dtype, b.dtype) if any(plain) else None
