"""The note (KG-D010) that an integer made an expression wider than floatX.

Dtypes promote as NumPy's do, whatever floatX is: an int32 or int64 beside a float32 gives a
float64, since no float32 holds every such integer; an int8 or int16 gives a float32. Who sets
floatX to "float32" rarely wants float64, so that is told, once for each line of a program:

>>> import kernelgraph.tensor as T, warnings
>>> with config.change_flags(floatX="float32"), warnings.catch_warnings(record=True) as found:
...     warnings.simplefilter("always")
...     (T.vector("x") * T.lvector("k")).dtype
'float64'
>>> str(found[0].message).partition(", though floatX is float32. Try: ")[::2]
('[KG-D010] k (int64[?]) makes the result of mul a float64, as in NumPy', "T.cast(k, 'float32')")

`config.note_promotion = "off"` silences it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from kernelgraph.config import config
from kernelgraph.dtypes import is_inexact, real_part_of, upcast
from kernelgraph.elementwise import DimShuffle, Elementwise
from kernelgraph.graph import Apply, Variable, describe
from kernelgraph.hooks import is_provisional
from kernelgraph.locations import is_on_behalf, level_of_user, resolve
from kernelgraph.names import listed_names, shortened
from kernelgraph.ops.arithmetic import Cast, switch
from kernelgraph.ops.contraction import Products
from kernelgraph.ops.joining import Join
from kernelgraph.ops.sources import MakeVector
from kernelgraph.types import INTEGERS

CODE = "KG-D010"
_MIXING = (Elementwise, Products, Join, MakeVector)
_WIDTHS = {"float16": 2, "float32": 4, "float64": 8}

_noted: set[tuple[str, int]] = set()
"""The lines of which it was said, by file and number."""


class PromotionWarning(UserWarning):
    """An integer beside floats made an expression wider than floatX (KG-D010)."""


def note_promotion(node: Apply) -> None:
    """Warn (`PromotionWarning`, once a line) where integers that a user gave made the result of a
    new node wider than floatX and than all floats among its operands. Derivatives are silent, and
    so are loops whose states start as numbers and have no dtype yet.
    """
    if config.floatX == "float64" or config.note_promotion == "off":
        return
    if not isinstance(node.op, _MIXING) or is_on_behalf() or is_provisional():
        return
    found = _promoting(node)
    if not found or not node.origins:
        return
    place = resolve(node.origins[0])
    if (place.filename, place.line) in _noted:
        return
    _noted.add((place.filename, place.line))
    warnings.warn(_text(node, found), PromotionWarning, stacklevel=level_of_user())


def forget() -> None:
    """Note again what was noted."""
    _noted.clear()


def _promoting(node: Apply) -> list[Variable]:
    """The integers to which a result owes that it is wider than floatX."""
    out = node.outputs[0].dtype
    if not is_inexact(out) or _WIDTHS[real_part_of(out)] <= _WIDTHS[config.floatX]:
        return []
    operands = [_given(v, node) for v in node.inputs]
    if node.op == switch:
        del operands[0]
    floats = [v.dtype for v in operands if is_inexact(v.dtype)]
    if not floats or upcast(*floats) == out:
        return []
    whole = [v for v in operands if v.dtype in INTEGERS and upcast(v.dtype, *floats) == out]
    return list(dict.fromkeys(v for v in whole if not _is_derived(v, node)))


def _given(variable: Variable, node: Apply) -> Variable:
    """An operand as it came, before the op converted and aligned it."""
    while (
        (made := variable.owner) is not None
        and isinstance(made.op, Cast | DimShuffle)
        and _is_derived(variable, node)
    ):
        variable = made.inputs[0]
    return variable


def _is_derived(variable: Variable, node: Apply) -> bool:
    """Whether this package made an operand on the way to the node that a user asked for."""
    made = variable.owner
    return made is not None and (not made.origins or made.origins == node.origins)


def _text(node: Apply, found: Sequence[Variable]) -> str:
    verb = "makes" if len(found) == 1 else "make"
    casts = dict.fromkeys(f"T.cast({shortened(v.name or '…')}, {config.floatX!r})" for v in found)
    return (
        f"[{CODE}] {listed_names(list(map(describe, found)))} {verb} the result of {node.op.name} "
        f"a {node.outputs[0].dtype}, as in NumPy, though floatX is {config.floatX}. "
        f"Try: {', '.join(casts)}"
    )
