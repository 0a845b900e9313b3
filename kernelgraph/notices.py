"""What an op tells its caller about numbers that came: a warning, or the error of the op.

Among integers x // 0 is 0, and a NaN made an integer is 0: there is a number for everything, but
whoever gets it should know. NumPy warns, and so do all back ends:

>>> import kernelgraph as kg, kernelgraph.tensor as T, warnings
>>> x, y = T.lvectors("x", "y")
>>> f = kg.function([x, y], x // y, target="python")
>>> with warnings.catch_warnings(record=True) as found:
...     warnings.simplefilter("always")
...     f([6, 7], [3, 0])
array([2, 0])
>>> found[0].category.__name__, str(found[0].message).partition(":")[0]
('RuntimeWarning', 'division of integers by 0 gives 0')

A call warns once, however many elements there were. `np.errstate(divide="ignore")` silences it, and
`"raise"` makes an error of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from kernelgraph.errors import KernelgraphError, NonFiniteError
from kernelgraph.graph import Apply
from kernelgraph.locations import level_of_user, resolve
from kernelgraph.templates import OPERANDS, Template
from kernelgraph.types import Array


@dataclass(frozen=True)
class Notice:
    """What is told where a condition `holds` for an element of one operand, which has the name that
    templates have for it (of a reduction, the name of a state).

    `condition` is the same as text, `message` what is said. NumPy's `errstate` for its `kind` says
    how; where there is an `error`, that is raised instead.
    """

    operand: str
    holds: Callable[[Array], Array]
    condition: Template
    message: str
    kind: Literal["divide", "invalid"]
    error: Callable[[Apply], KernelgraphError] | None = None


def no_notice(node: Apply) -> Notice | None:
    """There is nothing to tell of most ops."""
    return None


_told: ContextVar[list[Notice] | None] = ContextVar("_told", default=None)


@contextmanager
def one_call() -> Generator[None]:
    """Inside, the caller is warned of what comes first, and of no more."""
    if _told.get() is not None:
        yield
        return
    token = _told.set([])
    try:
        yield
    finally:
        _told.reset(token)


def comes_up(notice: Notice, operands: Sequence[Any]) -> bool:
    """Whether there is anything to tell for these operands of an elementwise op."""
    if 0 in np.broadcast_shapes(*map(np.shape, operands)):
        return False
    return bool(np.any(notice.holds(np.asarray(operands[OPERANDS.index(notice.operand)]))))


def tell(notice: Notice, node: Apply) -> None:
    """Warn at the user's innermost line that is running (`RuntimeWarning`).

    Raises the notice's error, or `NonFiniteError` (a FloatingPointError) where `np.errstate` says
    "raise".
    """
    if notice.error is not None:
        raise notice.error(node)
    asked = np.geterr()[notice.kind]
    if asked == "raise":
        raise NonFiniteError(notice.message, origins=node.origins)
    told = _told.get()
    if asked != "ignore" and not told:
        if told is not None:
            told.append(notice)
        warnings.warn(_text(notice, node), RuntimeWarning, stacklevel=level_of_user())


def _text(notice: Notice, node: Apply) -> str:
    if not node.origins:
        return f"{notice.message}: {node.op.name}"
    place = resolve(node.origins[0])
    return f"{notice.message}: {place.text.strip() or node.op.name} ({place})"
