"""Functions: graphs that can be called.

What a call accepts, which values persist, and what it returns.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgraph.c.target import CTarget
from kernelgraph.compiler import DEFAULT, Stages, compile_graph
from kernelgraph.config import config
from kernelgraph.contract import (
    Contract,
    In,
    Missing,
    apply_givens,
    check_complete,
    check_used,
    read_inputs,
    read_outputs,
    read_updates,
)
from kernelgraph.errors import (
    CompileError,
    DTypeError,
    GraphError,
    KernelgraphError,
    capture_origins,
)
from kernelgraph.graph import Graph, SharedVariable, Variable, copied, describe, leaves
from kernelgraph.hooks import Displayed
from kernelgraph.interpret import interpret
from kernelgraph.python.target import PythonTarget
from kernelgraph.rewrite.engine import Rule
from kernelgraph.target import Target
from kernelgraph.types import (
    ObjectType,
    SparseType,
    TensorType,
    Type,
    as_array,
    check_dtype,
)

Pairs = Sequence[tuple[Variable, Any]] | Mapping[Variable, Any]


def shared(value: Any, name: str | None = None, borrow: bool = False) -> SharedVariable:
    """A variable with a value of its own, that functions read and update.

    The value is copied unless `borrow`. Python ints become int64, floats float64, arrays keep their
    dtype; lists must be arrays. No size is fixed: `set_value` may change lengths. Raises
    `DTypeError` for a symbol or what is not numbers.
    """
    if isinstance(value, Variable):
        raise DTypeError(
            f"a shared variable needs numbers, not the symbol {describe(value)}",
            code="KG-D002",
            origins=value.where,
        )
    kind, start = _shared_type(value)
    fitting = kind.filter(start, name or "the value")
    return SharedVariable(kind, [fitting if borrow else copied(fitting)], name)


def _shared_type(value: Any) -> tuple[Type, Any]:
    if getattr(value, "format", None) in ("csr", "csc"):
        return SparseType(value.format, str(value.dtype)), value
    numbers = (int, float, complex, list, tuple, str)
    if not hasattr(value, "__array__") and not isinstance(value, numbers):
        return ObjectType(), value
    array = as_array(value, "the value of a shared variable")
    return TensorType(check_dtype(array.dtype), (None,) * array.ndim), array


def function(
    inputs: Sequence[Variable | In],
    outputs: Any = None,
    *,
    updates: Pairs = (),
    givens: Pairs = (),
    name: str = "f",
    target: str | None = None,
    rules: Sequence[Rule] = DEFAULT,
    on_unused_input: str | None = None,
    allow_input_downcast: bool | None = None,
) -> Function:
    """Compile a function of `inputs` that returns `outputs`: one variable, a list, a dict by name,
    or nothing.

    `updates`: pairs (shared variable, new value), all computed from the old values and stored
    together at the end. `givens`: pairs (variable, what stands in its place). `target`: "c",
    "python" (the same loops, slowly), or "interpret" (NumPy, node by node); by default
    `config.target`, and interpret where there is no C compiler.

    Raises `MissingInputError` (KG-G001), `UnusedInputError` (KG-G002), `GraphError` for inputs or
    updates given twice (KG-G003, KG-G006), `DTypeError` for an update of another type.
    """
    signature = read_inputs(inputs)
    results, names, form = read_outputs(outputs)
    pairs = read_updates(updates)
    wanted = [*results, *(new for _, new in pairs)]
    wanted = apply_givens(wanted, givens, signature)
    variables = [item.variable for item in signature]
    found = leaves(wanted, variables)
    kept = [v for v in found if isinstance(v, SharedVariable)]
    kept += [target_ for target_, _ in pairs if target_ not in kept]
    check_complete(found, variables)
    check_used(found, variables, on_unused_input or config.on_unused_input)
    position = {v: len(variables) + k for k, v in enumerate(kept)}
    donations = {len(results) + k: position[target_] for k, (target_, _) in enumerate(pairs)}
    graph = Graph((*variables, *kept), tuple(wanted), donations, name)
    updated = [target_ for target_, _ in pairs]
    contract = Contract(
        name, signature, kept, updated, len(results), names, form, allow_input_downcast
    )
    return Function(graph, contract, target, rules)


class Function(Displayed):
    """A compiled graph and the values that belong to it. Call it with numbers.

    `stages` shows every stage of its compilation.
    """

    def __init__(
        self, graph: Graph, contract: Contract, target: str | None, rules: Sequence[Rule]
    ) -> None:
        self.graph = graph
        self.contract = contract
        self.name = graph.name
        self.target, self.stages, self._call = _make_callable(graph, contract, target, rules)
        self._simple = contract.form in ("one", "list") and all(
            item.value is Missing for item in contract.inputs
        )
        self._arity = len(contract.inputs)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The outputs for these values of the inputs, after which the updates have happened."""
        if self._simple and not named and len(arguments) == self._arity:
            return self._call(*arguments)
        result = self._call(*self.contract.positional(arguments, named))
        if self.contract.form == "dict":
            return dict(zip(self.contract.names, result, strict=True))
        return result

    def __repr__(self) -> str:
        return f"<function {self.contract} on {self.target}>"


_TARGETS: dict[str, Callable[[], Target]] = {"c": CTarget, "python": PythonTarget}
_said: list[str] = []


def _make_callable(
    graph: Graph, contract: Contract, target: str | None, rules: Sequence[Rule]
) -> tuple[str, Stages, Callable[..., Any]]:
    wanted = target or config.target
    if wanted not in (*_TARGETS, "interpret"):
        choices = ", ".join((*_TARGETS, "interpret"))
        raise GraphError(
            f"no target named {wanted!r}; there are {choices}",
            code="KG-G008",
            origins=capture_origins(),
        )
    stages = compile_graph(graph, _TARGETS.get(wanted, CTarget)(), rules)
    if wanted != "interpret":
        try:
            return wanted, stages, stages.executable.bind(contract.binding())
        except CompileError as error:
            if target is not None or error.code == "KG-G033":
                raise
            _say_once(error)
    return "interpret", stages, _interpreted(graph, contract)


def _say_once(error: KernelgraphError) -> None:
    """A machine without a compiler is no reason to stop, but its user should know."""
    if error.code in _said:
        return
    _said.append(error.code)
    warnings.warn(
        f"running on NumPy, node by node, because compiling failed: {error}", stacklevel=5
    )


def _interpreted(graph: Graph, contract: Contract) -> Callable[..., Any]:
    filters = [contract.filter(k) for k in range(len(contract.inputs))]

    def call(*arguments: Any) -> Any:
        values = [fit(value) for fit, value in zip(filters, arguments, strict=True)]
        results = interpret(graph, [*values, *(v.container[0] for v in contract.shared)])
        for variable, value in zip(contract.updated, results[contract.outputs :], strict=True):
            variable.container[0] = value
        outputs = results[: contract.outputs]
        return outputs[0] if contract.form == "one" else outputs

    return call
