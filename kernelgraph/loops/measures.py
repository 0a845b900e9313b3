"""Sizes while a program is written: which are known, as which expressions, and what is checked.

A size is known by the name of its dimension from the first array that brings it along; every other
array that does is checked against it, unless a fact of the graph has said so before:

    x_n0 = size 0 of slot 0
    check x_n0 = size 0 of slot 1, else error 1
"""

from __future__ import annotations

import numpy as np

from kernelgraph.elementwise import Elementwise
from kernelgraph.graph import COUNTED, Constant, Measure, SizeFact, Variable
from kernelgraph.loops import host, ir
from kernelgraph.loops.checks import Check, equal_elements, equal_sizes, not_negative
from kernelgraph.loops.context import Context, Joined
from kernelgraph.loops.expressions import as_dtype, count_of, size_of
from kernelgraph.loops.text import expression
from kernelgraph.ops.sources import measured
from kernelgraph.schedule.dims import Dim, Key
from kernelgraph.templates import OPERANDS
from kernelgraph.types import is_complex
from kernelgraph.walks import producers_first


def learn(here: Context, key: Key, value: ir.Expression) -> None:
    """The size of an axis becomes known: a definition the first time, a check from then on."""
    dim = here.dims.of(*key)
    first = here.known.get(dim)
    if dim.size is None and first is None:
        owner = key[0].owner
        check = here.shared.check(not_negative(owner)) if owner is not None else -1
        here.known[dim] = key
        here.own[key] = size_of(dim)
        here.named[expression(value)] = size_of(dim)
        here.actions.append(host.Define(dim, value, check))
        return
    here.own[key] = value
    joined = here.dims.joined_by(first if first is not None else here.dims.holder(dim, key), key)
    if joined is not None:
        here.repeated.append((dim, value, joined))
    here.known.setdefault(dim, key)


def _check_joined(here: Context, dim: Dim, value: ir.Expression, joined: Joined) -> None:
    node, pair, known_is_first = joined
    sides = (size_of(dim), value) if known_is_first else (value, size_of(dim))
    check_equal(here, *sides, equal_sizes(node, pair))


def check_equal(here: Context, left: ir.Expression, right: ir.Expression, check: Check) -> None:
    """Two sizes must be equal: a check, unless there has been one of the same."""
    if here.agreed.join(left, right):
        here.actions.append(host.CheckEqual(left, right, here.shared.check(check)))


def _check_facts(here: Context) -> None:
    """What the graph as written says about sizes, in its order, as soon as they are there."""
    waiting: list[SizeFact] = []
    for fact in here.facts:
        sides = [[_measured(here, m) for m in side] for side in (fact.left, fact.right)]
        left, right = ([size for size in side if size is not None] for side in sides)
        if None in sides[0] or None in sides[1]:
            waiting.append(fact)
        else:
            check_equal(here, count_of(left), count_of(right), _fact_check(fact))
    here.facts = waiting


def _fact_check(fact: SizeFact) -> Check:
    if fact.pair is None:
        return equal_elements(fact.node)
    return not_negative(fact.node) if fact.pair == COUNTED else equal_sizes(fact.node, fact.pair)


def _measured(here: Context, measure: Measure) -> ir.Expression | None:
    if isinstance(measure, int):
        return ir.Number(np.int64(measure), "int64")
    if not isinstance(measure, Variable):
        return _size_at(here, measure)
    size = measured(measure)  # of what a node will have shown
    return _in_steps(here, measure) if size is None else here.own.get(size)


def _size_at(here: Context, key: Key) -> ir.Expression | None:
    """The size of an axis: by the name of its dimension if it is known to be that."""
    dim = here.dims.of(*key)
    name = size_of(dim) if dim.size is not None or dim in here.known else None
    own = here.own.get(key)
    return name if own is None or (name and here.agreed.same(own, name)) else own


def check_declared(here: Context) -> None:
    """Sizes declared to differ that must agree: the program can only fail, with the right error."""
    for dim, holder, other, size in here.dims.contradictions():
        joined = here.dims.joined_by(holder, other)
        if joined is not None:
            _check_joined(here, dim, ir.Number(size, "int64"), joined)


def settle(here: Context) -> None:
    """Sizes that are values of scalars, as soon as the scalars are there, and checks."""
    while _learn_pending(here):  # a size may be all that another one waits for
        pass
    _check_facts(here)
    for dim, value, joined in here.repeated:
        _check_joined(here, dim, value, joined)
    here.actions += here.aliases
    here.repeated.clear()
    here.aliases.clear()


def _learn_pending(here: Context) -> bool:
    """Sizes that can be computed now. Tells whether there were any."""
    before = len(here.pending)
    for key, scalar in list(here.pending.items()):
        value = _in_steps(here, scalar)
        if value is None:
            continue
        del here.pending[key]
        if not (isinstance(scalar, Constant) and here.dims.of(*key).size == int(scalar.data)):
            learn(here, key, value)
    return len(here.pending) < before


def scalar(here: Context, variable: Variable) -> ir.Expression | None:
    """A scalar as the host computes it, or None while something that it needs is not there
    yet. The host does not wait for a kernel that computes the same formula.
    """
    if variable in here.storage or (isinstance(variable, Constant) and variable.ndim == 0):
        stored = here.storage[variable]
        return ir.Load(stored, ()) if isinstance(stored, ir.Buffer) else stored
    node = variable.owner
    size = measured(variable)
    if size is not None:
        return _size_at(here, size)
    if node is None or variable.ndim or not isinstance(node.op, Elementwise):
        return None
    dtypes, out = node.op.computes([v.dtype for v in node.inputs])
    op = node.op.complex_form if any(map(is_complex, dtypes)) else node.op
    operands: dict[str, ir.Expression] = {}
    for letter, operand, dtype in zip(OPERANDS, node.inputs, dtypes, strict=False):
        value = scalar(here, operand)
        if value is None:
            return None
        operands[letter] = as_dtype(value, dtype)
    return as_dtype(ir.Operation(op, operands, out), variable.dtype)


def expect(here: Context, variable: Variable) -> ir.Expression:
    """A scalar that must be there by now."""
    value = scalar(here, variable)
    assert value is not None, f"{variable} is not known yet"
    return value


def _in_steps(here: Context, variable: Variable) -> ir.Expression | None:
    """A scalar as the host computes it, where formulas inside of it have names of their own: a
    size behind many views is a formula of formulas.
    """
    inner = producers_first([variable], lambda v: None if _is_plain(here, v) else v.owner)
    for node in list(inner)[:-1]:
        if node.out.dtype != "int64":  # no size: a part of one in a dtype of its own
            continue
        value = scalar(here, node.out)
        if value is None:
            return None
        name = here.named.get(expression(value))
        if name is None:
            name = ir.Name(here.shared.names.fresh("size"))
            here.named[expression(value)] = name
            here.actions.append(host.Define(Dim(name.name), value, -1))
        here.storage[node.out] = name
    found = scalar(here, variable)
    return found and here.named.get(expression(found), found)


def _is_plain(here: Context, variable: Variable) -> bool:
    """Whether a scalar needs no formula."""
    if variable in here.storage or isinstance(variable, Constant):
        return True
    return variable.owner is None or not isinstance(variable.owner.op, Elementwise)
