"""What is done with single numbers, as text for each language that programs are printed in.

A template has its operands in braces: `{x} + {y}`. One text serves C, CUDA and Python, unless
Python says it in other words:

>>> larger = Template("larger", "{x} > {y} ? {x} : {y}", "{x} if {x} > {y} else {y}")
>>> larger.text("cuda"), larger.text("python")
('{x} > {y} ? {x} : {y}', '{x} if {x} > {y} else {y}')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

LANGUAGES = ("c", "cuda", "python")


class ScalarOp(Protocol):
    """An op over single numbers: elementwise ops are such, and so is the step of a reduction."""

    @property
    def name(self) -> str:
        """What programs call it when they print themselves."""
        ...

    @property
    def cost(self) -> int:
        """About how many additions take as long."""
        ...

    def text(self, language: str) -> str:
        """Its template in one of `LANGUAGES`."""
        ...


@dataclass(frozen=True)
class Template:
    """An op over single numbers that is nothing but its text."""

    name: str
    c: str
    python: str | None = None
    cost: int = 1

    def text(self, language: str) -> str:
        """Its template in one of `LANGUAGES`."""
        return self.python if language == "python" and self.python is not None else self.c

    @property
    def operand(self) -> str | None:
        """The operand that it gives back as it is, if it does nothing else."""
        word = self.c.removeprefix("{").removesuffix("}")
        return word if self.c == f"{{{word}}}" and word.isidentifier() else None
