r"""Where a LaTeX template needs parentheses around its operands.

A template such as `{x} \cdot {y}` comes in; its precedence, and what it asks of each operand, go
out. Reading this off the text of the template means that a new op brings its notation along and
nobody has to rank it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

RELATION, SUM, BIG, PRODUCT, FUNCTION, POWER, ATOM = 0, 10, 15, 20, 30, 40, 50
"""How tightly the parts of a formula hold together: `<`, `+`, a summation sign, `·`, `log x`,
`x^2` or a fraction, and what needs no parentheses anywhere."""

_TOKEN = re.compile(r"\{[xyzuvw]\}|\\left\\?.|\\right\\?.|\\[a-zA-Z]+|\\.|\S")
_OPENING = re.compile(r"\{$|\\left|\\begin")
_CLOSING = re.compile(r"\}$|\\right|\\end")
_LEVELS: Mapping[str, int] = {
    **dict.fromkeys(("<", ">", "=", r"\le", r"\ge", r"\ne", r"\land", r"\lor"), RELATION),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys((r"\sum", r"\prod"), BIG),
    **dict.fromkeys((r"\cdot", r"\times", "/", r"\,", r"\bmod", r"\odot"), PRODUCT),
    **dict.fromkeys(("^", r"\frac"), POWER),
}


@dataclass(frozen=True)
class LatexFormula:
    """LaTeX text and how tightly it holds together; `size` counts the ops written out in it."""

    text: str
    level: int = ATOM
    size: int = 0


@dataclass(frozen=True)
class Notation:
    """A template whose operands are `{x}`, `{y}` and so on, with what each of them must be."""

    template: str
    level: int
    needs: Mapping[str, int]
    signless: frozenset[str]  # operands that must not begin with a minus sign
    factors: frozenset[str]  # operands with a factor behind them, which "log x" must not swallow

    def fill(self, operands: Mapping[str, LatexFormula]) -> LatexFormula:
        """The template with its operands, in parentheses where they would be misread."""

        def place(match: re.Match[str]) -> str:
            key = match.group(1)
            operand = operands[key]
            loose = operand.level < self.needs[key]
            signed = key in self.signless and operand.text.startswith("-")
            swallows = key in self.factors and operand.level == FUNCTION
            if loose or signed or swallows:
                return rf"\left({operand.text}\right)"
            return operand.text

        if self.template == "{x}":
            return operands["x"]
        size = 1 + sum(operands[key].size for key in self.needs)
        return LatexFormula(re.sub(r"\{([xyzuvw])\}", place, self.template), self.level, size)


@cache
def read_template(template: str, commutative: bool = False) -> Notation:
    r"""The precedences of a template.

    >>> read_template("{x} - {y}").needs
    {'x': 10, 'y': 11}
    >>> read_template(r"\sqrt{{x}}").needs
    {'x': 0}
    """
    tokens = _TOKEN.findall(template)
    depths = _depths(tokens)
    level = ATOM
    needs: dict[str, int] = {}
    signless: set[str] = set()
    factors: set[str] = set()
    for index, (token, depth) in enumerate(zip(tokens, depths, strict=True)):
        if not re.fullmatch(r"\{[xyzuvw]\}", token):
            if depth == 0:
                level = min(level, _level_of(tokens, index))
            continue
        key = token[1]
        left = tokens[index - 1] if index and depth == 0 else ""
        right = tokens[index + 1] if index + 1 < len(tokens) and depth == 0 else ""
        need = max(_need_after(tokens, index, commutative) if left else 0, _need_before(right))
        needs[key] = max(needs.get(key, 0), need)
        if left in _LEVELS:
            signless.add(key)
        if _LEVELS.get(right) == PRODUCT:
            factors.add(key)
    if r"\begin" in tokens:
        level = RELATION
    return Notation(template, level, needs, frozenset(signless), frozenset(factors))


def _depths(tokens: Sequence[str]) -> list[int]:
    """How many groups each token stands in; the brackets themselves count as inside."""
    depths: list[int] = []
    depth = 0
    for token in tokens:
        depth += bool(_OPENING.match(token))
        depths.append(depth)
        depth -= bool(_CLOSING.match(token))
    return depths


def _level_of(tokens: Sequence[str], index: int) -> int:
    token = tokens[index]
    if token in _LEVELS:
        return _LEVELS[token]
    following = tokens[index + 1] if index + 1 < len(tokens) else ""
    is_function = token.startswith("\\") and re.fullmatch(r"\{[xyzuvw]\}", following)
    return FUNCTION if is_function else ATOM


def _need_after(tokens: Sequence[str], index: int, commutative: bool) -> int:
    """What an operand must be because of what stands to its left."""
    left = tokens[index - 1]
    if left in _LEVELS:
        loose = left == "+" or (commutative and left != "-")
        return _LEVELS[left] + (0 if loose or _LEVELS[left] == BIG else 1)
    return FUNCTION if left.startswith("\\") else 0


def _need_before(right: str) -> int:
    """What an operand must be because of what stands to its right."""
    if right == "^":
        return ATOM
    return _LEVELS.get(right, 0)
