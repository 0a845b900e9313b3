"""What is done with single numbers, as text for each language that programs are printed in, and the
helpers that such text calls.

A template has its operands in braces: `{x} + {y}`. One text serves C, CUDA and Python, unless
Python says it in other words:

>>> larger = Template("larger", "{x} > {y} ? {x} : {y}", "{x} if {x} > {y} else {y}")
>>> larger.text("cuda"), larger.text("python")
('{x} > {y} ? {x} : {y}', '{x} if {x} > {y} else {y}')

A template that calls a function which a language lacks names it as a helper. A program is printed
with the helpers of its ops, each once:

>>> half = Helper("half", c="#define half(x) ((x) / 2)", python="def half(x): return x / 2")
>>> Template("mid", "half({x} + {y})", helpers=(half,)).helpers[0].text("python")
'def half(x): return x / 2'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

LANGUAGES = ("c", "cuda", "python")

OPERANDS = "xyzuvw"
"""Names of the operands in templates, in order."""

CALLED: set[str] = set()
"""What formulas call, the names of all helpers among it: nothing else in a program is called so."""


@dataclass(frozen=True)
class Helper:
    """A function that generated text calls, defined in each language that lacks it, and the helpers
    that these definitions call.
    """

    name: str
    c: str = ""
    cuda: str = ""
    python: str = ""
    needs: tuple[Helper, ...] = ()

    def __post_init__(self) -> None:
        CALLED.add(self.name)

    def text(self, language: str) -> str:
        """Its definition in one of `LANGUAGES`; nothing if the language has it."""
        return {"c": self.c, "cuda": self.cuda, "python": self.python}[language]


def function(name: str, text: str, needs: tuple[Helper, ...] = ()) -> Helper:
    """A helper that C and CUDA define by the same functions, the last of which has its name; each
    begins with `static inline`.

    >>> function("twice", "static inline int twice(int x) { return 2 * x; }").text("cuda")
    '__device__ static int twice(int x) { return 2 * x; }'
    """
    cuda = text.replace("static inline", "__device__ static")
    return Helper(name, c=text, cuda=cuda, needs=needs)


def definitions(helpers: Iterable[Helper], language: str) -> list[str]:
    """The definitions of some helpers, each once, behind those that it needs."""
    found: dict[Helper, None] = {}

    def add(helper: Helper) -> None:
        for need in helper.needs:
            add(need)
        found.setdefault(helper)

    for helper in sorted(helpers, key=lambda helper: helper.name):
        add(helper)
    return [helper.text(language) for helper in found if helper.text(language)]


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

    @property
    def helpers(self) -> tuple[Helper, ...]:
        """The helpers that its templates call."""
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
    helpers: tuple[Helper, ...] = ()
    dtype: str = "float64"
    """That of its result, where it makes a number of the states of a reduction."""

    def text(self, language: str) -> str:
        """Its template in one of `LANGUAGES`."""
        return self.python if language == "python" and self.python is not None else self.c

    @property
    def operand(self) -> str | None:
        """The operand that it gives back as it is, if it does nothing else."""
        word = self.c.removeprefix("{").removesuffix("}")
        return word if self.c == f"{{{word}}}" and word.isidentifier() else None


@dataclass(frozen=True)
class State:
    """One number that a reduction keeps: what it starts from and its dtype (both for the dtype of
    the operand), and `combine`, the template of its next value (`python`, where Python says it in
    other words; `helpers` are what these call). It takes the element, or `part` of it.
    `over_complex` is the template for complex numbers, where they have another one.

    It is an op over single numbers: of the states before and one element.
    """

    name: str
    start: Callable[[str], Any]
    dtype: Callable[[str], str]
    combine: str
    python: str | None = None
    helpers: tuple[Helper, ...] = ()
    part: ScalarOp | None = None
    over_complex: Template | None = None
    cost = 1

    @property
    def complex_form(self) -> State:
        """The same for complex numbers."""
        form = self.over_complex
        if form is None:
            return self
        python = form.python or self.python or self.combine
        return replace(self, combine=form.c, python=python, helpers=form.helpers)

    def text(self, language: str) -> str:
        """The template of the next value."""
        return self.python if language == "python" and self.python else self.combine

    @property
    def adds(self) -> bool:
        """Whether the next value is the sum of this one and the element."""
        return self.combine == f"{{{self.name}}} + {{x}}"
