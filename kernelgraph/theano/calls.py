"""Functions that Theano's programs call in another way than ours, or of which its texts tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from functools import partial
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from kernelgraph import arguments, autodiff, sharing
from kernelgraph.arguments import Missing
from kernelgraph.expect import expect_choice, expect_flag, expect_function, unfit
from kernelgraph.function import Function
from kernelgraph.function import function as own_function
from kernelgraph.graph import Constant, SharedVariable, Variable
from kernelgraph.ops.views import flatten
from kernelgraph.symbols import expect_variable
from kernelgraph.theano.modes import get_mode
from kernelgraph.theano.words import in_theanos_words
from kernelgraph.types import ObjectType, check_dtype, listed

GRADIENT_OF: WeakKeyDictionary[Variable, tuple[Variable, Variable]] = WeakKeyDictionary()
"""The cost and the variable of each gradient, which Theano's texts write in another form."""


class In(arguments.In):
    """As `kernelgraph.In`; `implicit` and `borrow` change nothing, and `mutable` only that a
    read-only array is refused: an argument is never written to, and copied only where a result
    would otherwise lie in its memory.
    """

    def __init__(
        self,
        variable: Variable,
        name: str | None = None,
        value: Any = Missing,
        update: Any = None,
        mutable: Any = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: Any = None,
        borrow: Any = None,
    ) -> None:
        may_change = mutable is not None and expect_flag(mutable, "mutable")
        super().__init__(
            variable, name, value, update, strict, allow_downcast, autoname, may_change
        )


def function(
    inputs: Any,
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: Any = False,
    accept_inplace: Any = False,
    name: str | None = None,
    rebuild_strict: Any = True,
    allow_input_downcast: Any = None,
    profile: Any = None,
    on_unused_input: Any = None,
    *,
    target: str | None = None,
    rules: Any = None,
) -> Function:
    """As `kernelgraph.function`; `accept_inplace` changes nothing: for every function it is planned
    what is written in place, in memory that nobody else reads.
    """
    expect_flag(accept_inplace, "accept_inplace")
    with in_theanos_words():
        return own_function(
            inputs, outputs, get_mode(mode), updates, givens, no_default_updates, name,
            rebuild_strict, allow_input_downcast, profile, on_unused_input, target=target,
            rules=rules,
        )  # fmt: skip


def grad(
    cost: Variable | None,
    wrt: Any,
    consider_constant: Any = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Variable, Variable] | None = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any:
    """As `kernelgraph.grad`; texts show it as Theano builds it, if nothing is constant or known."""
    with in_theanos_words():
        found = autodiff.grad(
            cost, wrt, consider_constant, disconnected_inputs, add_names, known_grads,
            return_disconnected, null_gradients,
        )  # fmt: skip
    for g, v in zip(listed(found), listed(wrt), strict=True):
        if g is not None and cost is not None and g.name == f"d{cost.name}/d{v.name}":
            g.name = f"({g.name})"
    if cost is not None and consider_constant is None and known_grads is None:
        for g, v in zip(listed(found), listed(wrt), strict=True):
            if g is not None:
                GRADIENT_OF.setdefault(g, (cost, v))
    return found


def flatten_op(ndim: int = 1) -> Callable[[Any], Variable]:
    """`theano.tensor.Flatten(2)(x)`: what is left of `flatten` once the rank is known."""
    return partial(flatten, ndim=ndim)


def transfer(x: Variable, target: str) -> Variable:
    """`x.transfer("cpu")`: arrays are where functions run. Raises `OptionError` for a device."""
    expect_choice(target, "the target of a transfer", ("cpu",))
    return x


def as_array(a: Any, dtype: Any, order: Any = None) -> Any:
    """`theano._asarray`: an array of this dtype, which may be "floatX"."""
    return np.asarray(a, dtype=check_dtype(dtype), order=order)


def old_input(item: Any) -> In | None:
    """An input as a tuple, `(x, value)` or `((x, update), value)`, with a name in front or without;
    None for anything else.
    """
    parts: list[Any] = listed(item) if isinstance(item, tuple) else []
    name = parts.pop(0) if parts and isinstance(parts[0], str) else None
    variable, value = (*parts, Missing, Missing)[:2]
    update = None
    if isinstance(variable, tuple) and len(listed(variable)) == 2:
        variable, update = listed(variable)
    if len(parts) not in (1, 2) or not isinstance(variable, Variable):
        return None
    return In(variable, name, value, update)


def maker(function: Function) -> SimpleNamespace:
    """Where a function's rewritten graph is found, `f.maker.fgraph.toposort()`, and its inputs,
    `f.maker.inputs`.
    """
    graph = function.stages.rewriting.graph
    found = SimpleNamespace(inputs=graph.inputs, outputs=graph.outputs, toposort=graph.apply_nodes)
    entries = list(function.convention.inputs)
    return SimpleNamespace(fgraph=found, inputs=entries, expanded_inputs=entries)


class States:
    """`f.value["s"]`: what a function's inputs with a default and its shared variables are worth,
    by variable or name, to read and to set.
    """

    def __init__(self, function: Function) -> None:
        self.function = function

    def __getitem__(self, key: Variable | str) -> Any:
        return self.function[key]

    def __setitem__(self, key: Variable | str, value: Any) -> None:
        self.function[key] = value


class Containers(States):
    """`f.container["s"]`: the lists of one item in which these values lie."""

    def __getitem__(self, key: Variable | str) -> Any:
        return self.function.convention.cell(key)


def value(function: Function) -> States:
    """The values of a function's states."""
    return States(function)


def container(function: Function) -> Containers:
    """Where the values of a function's states lie."""
    return Containers(function)


def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Any = None,
) -> SharedVariable:
    """As `kernelgraph.shared`; but a list, a tuple or a text stays what it is, a Python object with
    which only Python ops can compute. What `shared_constructor` has been told of is asked first.
    """
    for constructor in reversed(_CONSTRUCTORS):
        with suppress(TypeError):
            return constructor(value, name=name, strict=strict, allow_downcast=allow_downcast)
    if isinstance(value, list | tuple | str):
        given: Any = value  # pyright: ignore[reportUnknownVariableType] - items are anything
        try:
            own = given if expect_flag(borrow, "borrow") else deepcopy(given)
        except RecursionError:
            raise unfit("the value of a shared variable", "one to copy", given) from None
        return SharedVariable(ObjectType(), [own], name)
    return sharing.shared(value, name, strict, allow_downcast, borrow, broadcastable)


_CONSTRUCTORS: list[Callable[..., SharedVariable]] = []
"""Functions that make shared variables of values of their own."""


def shared_constructor(ctor: Callable[..., Any], remove: bool = False) -> Callable[..., Any]:
    """Have `theano.shared` ask a function, `ctor(value, name, strict, allow_downcast)`, before it
    makes a variable itself; the one registered last is asked first, and a `TypeError` says that the
    value is none of its own. With `remove`, it is asked no more. Returns the function, so this
    decorates one, too.
    """
    expect_function(ctor, "what makes shared variables")
    if expect_flag(remove, "remove"):
        _CONSTRUCTORS.remove(ctor)
    else:
        _CONSTRUCTORS.append(ctor)
    return ctor


def sparse_grad(var: Variable) -> Variable:
    """`x[index]`, whose gradient by x Theano then makes a sparse matrix. It changes nothing: here
    that gradient is an addition to the rows that the index names, which a kernel does in the memory
    of the result.
    """
    return expect_variable(var, "a part by an index array")


class Storage:
    """`f.fn`: the list of one item in which each value of a function lies, `storage_map[variable]`,
    for what outlives a call: constants, shared variables and inputs with a default. Results and
    what is worked out on the way have memory only while a call runs.
    """

    def __init__(self, function: Function) -> None:
        cells = function.convention
        kept: dict[Variable, list[Any]] = {v: v.container for v in cells.shared}
        for item, cell in zip(cells.inputs, cells.cells, strict=True):
            if cell:
                kept[item.variable] = cell
        for node in function.graph.apply_nodes():
            kept.update({v: [v.data] for v in node.inputs if isinstance(v, Constant)})
        self.storage_map = kept


def fn(function: Function) -> Storage:
    """What Theano calls the compiled function inside of a function."""
    return Storage(function)
