"""Which picture an error gets: of types that do not fit, or of sizes."""

from __future__ import annotations

from collections.abc import Sequence

from kernelgraph.errors import Operand
from kernelgraph.viz.errors.shapes import shapes_html, shapes_text
from kernelgraph.viz.errors.types import types_html, types_text
from kernelgraph.viz.html.markup import Markup


def operands_text(operands: Sequence[Operand]) -> str:
    """The operands of an error drawn for a terminal."""
    return types_text(operands) if _is_about_types(operands) else shapes_text(operands)


def operands_html(operands: Sequence[Operand]) -> Markup:
    """The operands of an error drawn for a page."""
    return types_html(operands) if _is_about_types(operands) else shapes_html(operands)


def _is_about_types(operands: Sequence[Operand]) -> bool:
    return any(operand.allowed for operand in operands)
