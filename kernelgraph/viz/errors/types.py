"""Types that do not fit, drawn: the operands of an error come in, a ladder goes out, as text or
HTML.

Every operand is a chip with its dtype and its shape. Below stand all dtypes, the widest on top: by
each of them whether it would have done, in a sign and a word, and the operands that have it. Those
at fault are marked by an arrow and in words besides their colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from kernelgraph.errors import Operand
from kernelgraph.types import DTYPES
from kernelgraph.viz.errors.paint import FAULT, FAULT_FILL, FILL, document, words
from kernelgraph.viz.html import escape
from kernelgraph.viz.html.fragments import fold, frame, image
from kernelgraph.viz.html.markup import Markup, html, number, svg
from kernelgraph.viz.pictures.metrics import text_width
from kernelgraph.viz.pictures.svg import INK, MUTED

_NAME_LIMIT = 40
_MOST_OPERANDS = 8


@dataclass(frozen=True)
class Rung:
    """A dtype, whether it would have done, and the operands that have it: at fault, or not."""

    dtype: str
    fits: bool
    wrong: tuple[str, ...] = ()
    right: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no operand has this dtype."""
        return not (self.wrong or self.right)


@dataclass(frozen=True)
class Ladder:
    """For operands at fault that might have the same dtypes: their names, and all dtypes."""

    names: tuple[str, ...]
    rungs: tuple[Rung, ...]


def ladders(operands: Sequence[Operand]) -> list[Ladder]:
    """The ladders of an error: one, unless its operands want different things."""
    wanted = dict.fromkeys(operand.allowed for operand in operands if operand.allowed)
    return [_ladder(operands, allowed) for allowed in wanted]


def _ladder(operands: Sequence[Operand], allowed: tuple[str, ...]) -> Ladder:
    wrong = [operand for operand in operands if operand.allowed == allowed]
    right = [operand for operand in operands if not operand.allowed]
    have = [operand.dtype for operand in (*wrong, *right)]
    others = [dtype for dtype in dict.fromkeys((*have, *allowed)) if dtype not in DTYPES]
    numbers = DTYPES if any(dtype in DTYPES for dtype in have) else ()
    return Ladder(
        tuple(dict.fromkeys(map(_name, wrong))),
        tuple(
            Rung(dtype, dtype in allowed, _standing(wrong, dtype), _standing(right, dtype))
            for dtype in (*others, *reversed(numbers))
        ),
    )


def _standing(operands: Sequence[Operand], dtype: str) -> tuple[str, ...]:
    found = (_name(operand) for operand in operands if operand.dtype == dtype)
    return tuple(dict.fromkeys(found))


def _name(operand: Operand) -> str:
    return escape.name(operand.name, limit=_NAME_LIMIT)


def _dtype(operand: Operand) -> str:
    return escape.name(operand.dtype, limit=_NAME_LIMIT)


def _shape(operand: Operand) -> str:
    if not operand.sizes:
        return "a scalar" if operand.dtype in DTYPES else ""
    sizes = ["?" if size is None else str(size) for size in operand.sizes]
    return f"shape ({', '.join(sizes)}{',' * (len(sizes) == 1)})"


def types_sentence(operands: Sequence[Operand]) -> str:
    """The operands in words, for readers who cannot see the ladder."""
    parts: list[str] = []
    for operand in operands:
        shape = f", {_shape(operand)}" if operand.sizes else ""
        parts.append(f"{_name(operand)} is {_dtype(operand)}{shape}")
    for ladder in ladders(operands):
        fitting = [escape.name(rung.dtype) for rung in ladder.rungs if rung.fits]
        listed = " or ".join((", ".join(fitting[:-1]), fitting[-1])).removeprefix(" or ")
        parts.append(f"in place of {', '.join(ladder.names)} could stand {listed}")
    return "; ".join(parts)


# Text --------------------------------------------------------------------------------------------


def types_text(operands: Sequence[Operand]) -> str:
    """The ladder for a terminal, in ASCII but for the names; dtypes of one kind on which nobody
    stands share a line.

    >>> print(types_text([
    ...     Operand("declared", (None,), dtype="int16"),
    ...     Operand("x", (3,), dtype="float64", allowed=("bool", "int8", "int16", "uint8")),
    ... ]))
      declared  int16    shape (?,)
      x         float64  shape (3,)  <-- does not fit
    <BLANKLINE>
      what could stand in place of x:
        no   complex128, complex64
        no   float64  <-- x
        no   float32, float16, uint64, uint32, uint16
        yes  uint8
        no   int64, int32
        yes  int16    declared
        yes  int8, bool
    """
    shown = operands[:_MOST_OPERANDS]
    columns = [list(map(text, shown)) for text in (_name, _dtype, _shape)]
    widths = [max(map(len, column)) for column in columns]
    lines: list[str] = []
    for operand, *texts in zip(shown, *columns, strict=True):
        row = "".join(f"  {text:<{width}}" for text, width in zip(texts, widths, strict=True))
        lines.append(f"{row}  <-- does not fit" if operand.allowed else row.rstrip())
    for ladder in ladders(operands):
        lines += ["", f"  what could stand in place of {', '.join(ladder.names)}:"]
        lines += _ladder_lines(ladder)
    return "\n".join(lines)


def _ladder_lines(ladder: Ladder) -> list[str]:
    lines: list[str] = []
    taken = [len(escape.name(rung.dtype)) for rung in ladder.rungs if not rung.is_empty]
    width = max(taken, default=0)
    for (fits, key), group in groupby(ladder.rungs, lambda r: (r.fits, None if r.is_empty else r)):
        dtypes = ", ".join(escape.name(rung.dtype) for rung in group)
        wrong, right = (key.wrong, key.right) if key is not None else ((), ())
        who = [f"<-- {', '.join(wrong)}"] * bool(wrong) + [", ".join(right)] * bool(right)
        line = f"    {'yes' if fits else 'no':<3}  {dtypes:<{width}}  {'; also '.join(who)}"
        lines.append(line)
    return [line.rstrip() for line in lines]


# HTML --------------------------------------------------------------------------------------------

_ROW, _CHIP, _GAP = 22.0, 24.0, 8.0
_SIGN = 58.0


def types_html(operands: Sequence[Operand]) -> Markup:
    """The chips and ladders as an image in a view of its own, which says in words what it shows."""
    drawing, width = _drawing(operands)
    told = types_sentence(operands)
    shown = image(drawing, f"types that do not fit: {told}", width)
    about = fold("what am I looking at?", html("p", None, f"{told}."), html("p", None, _LEGEND))
    return frame("types", shown, about)


_LEGEND = (
    "Each box is an operand with its dtype and its shape; the one with a dashed red outline has a "
    "dtype that does not fit. Below are all dtypes, floats above integers above bool, and which "
    "would do in its place: those with a tick and a full line would, those with a cross and a "
    "dashed line would not. By each dtype stand the operands that have it, with an arrow before "
    "the one that does not fit."
)


def _drawing(operands: Sequence[Operand]) -> tuple[str, float]:
    """The picture and its width."""
    parts: list[Markup] = []
    widths = [0.0]
    y = 14.0
    for operand in operands[:_MOST_OPERANDS]:
        markup, right = _chip(operand, 16, y)
        parts += markup
        widths.append(right)
        y += _CHIP + _GAP
    for ladder in ladders(operands):
        title = f"what could stand in place of {', '.join(ladder.names)}:"
        parts.append(words(16, y + _ROW / 2, title, fill=MUTED))
        widths.append(16 + _wide(title))
        y += _ROW + 4
        markup, right, y = _rungs(ladder, y)
        parts += markup
        widths.append(right)
    width = max(widths) + 18
    title = "types that do not fit"
    return document(title, types_sentence(operands), (width, y + 10), parts), width


def _wide(text: str) -> float:
    return text_width(text) * 1.12


def _chip(operand: Operand, x: float, y: float) -> tuple[list[Markup], float]:
    """An operand in a box, and where that ends."""
    fault = bool(operand.allowed)
    name, dtype, shape = _name(operand), _dtype(operand), _shape(operand)
    end = x + 10 + _wide(name) + 14
    parts = [words(x + 10, y + _CHIP / 2, name, bold=True)]
    parts.append(words(end, y + _CHIP / 2, dtype, bold=fault, fill=FAULT if fault else INK))
    end += _wide(dtype)
    if shape:
        parts.append(words(end + 14, y + _CHIP / 2, shape))
        end += 14 + _wide(shape)
    box = {"x": x, "y": y, "width": end + 10 - x, "height": _CHIP, "rx": 6}
    if not fault:
        look = {"fill": FILL, "stroke": INK, "stroke-width": 1}
        return [svg("rect", {**box, **look}), *parts], end + 10
    look = {"fill": FAULT_FILL, "stroke": FAULT, "stroke-width": 2, "stroke-dasharray": "5 3"}
    said = "✗ does not fit"
    parts.append(words(end + 20, y + _CHIP / 2, said, bold=True, fill=FAULT))
    return [svg("rect", {**box, **look}), *parts], end + 20 + _wide(said)


def _rungs(ladder: Ladder, y: float) -> tuple[list[Markup], float, float]:
    """The dtypes one below the other, how far they reach to the right, and where they end."""
    dtypes = [escape.name(rung.dtype) for rung in ladder.rungs]
    left = 24.0 + _SIGN
    right = left + max(map(_wide, dtypes)) + 24
    parts: list[Markup] = []
    reach, top = right, y
    for rung, dtype in zip(ladder.rungs, dtypes, strict=True):
        middle = y + _ROW / 2
        ink = INK if rung.fits or rung.wrong else MUTED
        parts.append(words(24, middle, "✓ yes" if rung.fits else "✗ no", fill=ink, size=11.5))
        parts.append(words(left + 12, middle, dtype, bold=not rung.is_empty, fill=ink))
        course = f"M{number(left)},{number(y + _ROW)}H{number(right)}"
        dash = {} if rung.fits else {"stroke-dasharray": "3 4"}
        line = {"d": course, "stroke": INK if rung.fits else MUTED, "stroke-width": 1}
        parts.append(svg("path", {**line, **dash}))
        x = right + 14
        for text, fill in (
            (f"◀ {', '.join(rung.wrong)}: does not fit" if rung.wrong else "", FAULT),
            (f"● {', '.join(rung.right)}" if rung.right else "", INK),
        ):
            if text:
                parts.append(words(x, middle, text, bold=True, fill=fill))
                x += _wide(text) + 14
        reach = max(reach, x)
        y += _ROW
    for x in (left, right):
        rail = {"d": f"M{number(x)},{number(top)}V{number(y + 5)}", "stroke": INK}
        parts.append(svg("path", {**rail, "stroke-width": 1.5}))
    return parts, reach, y + 5
