"""A counter-example to a rule: in one sentence, and as Python that anyone can run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

import numpy as np

from kernelgraph.rewrite.notation import formula
from kernelgraph.rewrite.proof.operands import Case
from kernelgraph.rewrite.rule import Rule
from kernelgraph.types import Array

_TAKEN = (
    "np", "kg", "rewrite", "TensorType", "numbers", "lhs", "rhs", "graph", "print",
)  # fmt: skip
"""The names that a program has of its own."""

Index = tuple[int, ...]
"""The place of an element in a result."""


@dataclass(frozen=True)
class CounterExample:
    """What speaks against a rule: a sentence and, where numbers show it, a program."""

    text: str
    code: str | None = None

    def __str__(self) -> str:
        return self.text


def tell(
    rule: Rule,
    case: Case,
    values: Sequence[Array],
    results: tuple[Array, Array],
    index: Index,
    note: str,
) -> CounterExample:
    """The counter-example that one element of the results is; of all operands it names only those
    elements that this one was made of, where they can be told.
    """
    items = [item(value, index) for value in values]
    given = ", ".join(
        f"{v.name} = {value!s} ({v.type})" for v, value in zip(case.variables, items, strict=True)
    )
    sides = ", ".join(
        f"{formula(graph.outputs[0])} = {result[index]!s}"
        for graph, result in zip((case.lhs, case.rhs), results, strict=True)
    )
    text = f"{rule.name}: for {given}: {sides}" + (f" ({note})" if note else "")
    return CounterExample(text, "\n".join(_code(rule, case, items, results, index)))


def item(value: Array, index: Index) -> Any:
    """The operand's element that a result's element was made of; all of it where that is open."""
    if value.ndim != len(index):
        return value.tolist()
    place = tuple(0 if size == 1 else k for k, size in zip(index, value.shape, strict=True))
    fits = all(k < size for k, size in zip(place, value.shape, strict=True))
    return value[place] if fits else value.tolist()


def simplicity(values: Sequence[Array], index: Index) -> tuple[int, str]:
    """What is smaller for an element whose operands are easier to read."""
    items = [item(value, index) for value in values]
    special = sum(int(np.sum(~np.isfinite(one) | np.equal(one, 0))) for one in items)
    text = " ".join(map(str, items))
    return len(text) + 2 * special, text


def _code(
    rule: Rule, case: Case, items: Sequence[Any], results: tuple[Array, Array], index: Index
) -> Iterator[str]:
    called = _names(rule, case)
    names, name = ", ".join(called), called_rule(rule)
    if name != rule.name:
        yield f"# {name} is the rule {rule.name!r}"
    yield "import numpy as np"
    yield "import kernelgraph as kg"
    yield "from kernelgraph.rewrite.engine import rewrite"
    yield "from kernelgraph.types import TensorType"
    yield ""
    for own, v in zip(called, case.variables, strict=True):
        yield f"{own} = TensorType({v.dtype!r}, {v.tensor_type.shape!r})({v.name!r})"
    pairs = zip(map(np.asarray, items), case.variables, strict=True)
    yield f"numbers = [{', '.join(_array(one, v.ndim, v.dtype) for one, v in pairs)}]"
    yield f"lhs, _ = {name}.examples[{case.example}]({names})"
    yield f"graph = kg.Graph(({names},), (lhs,))  # {formula(case.lhs.outputs[0])}"
    old, new = (str(result[index]) for result in results)
    # Lists print every digit; arrays round, and might hide the difference.
    yield f"print(kg.interpret(graph, numbers)[0].tolist())  # {old}"
    yield f"rhs = rewrite(graph, [{name}]).graph"
    yield f"print(kg.interpret(rhs, numbers)[0].tolist())  # {new}"


def called_rule(rule: Rule) -> str:
    """What a program calls a rule, whose own name may be no name in Python."""
    name = re.sub(r"\W", "_", rule.name)
    return name if name.isidentifier() and not iskeyword(name) else f"rule_{name}"


def _names(rule: Rule, case: Case) -> list[str]:
    """What a program calls the variables: by their names, unless it has other uses for these."""
    taken = {*_TAKEN, called_rule(rule)}
    return [f"{v.name}_" if v.name in taken else str(v.name) for v in case.variables]


def _array(value: Array, rank: int, dtype: str) -> str:
    """An array as Python; an element stands in an array of its own."""
    whole = value.reshape((1,) * (rank - value.ndim) + value.shape)
    text = str(whole.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    return f"np.array({text}, {dtype!r})"
