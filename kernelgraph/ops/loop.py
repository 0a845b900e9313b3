"""`scan`: a step written as a Python function becomes a loop that holds a graph.

The function is called once, with symbols. What it computes from its slices and states, and what it
draws, belongs to the step; all else is computed once, outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgraph.errors import GraphError, KernelgraphError
from kernelgraph.expect import expect_arity, expect_flag, expect_function, unfit
from kernelgraph.graph import Apply, Constant, SharedVariable, Variable, describe, walk
from kernelgraph.hooks import nodes_made, provisional
from kernelgraph.mismatches import mismatched, sized, typed
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, minimum
from kernelgraph.ops.control import capture, dtype_of
from kernelgraph.ops.numbers import Settling, Start
from kernelgraph.ops.scan import Scan
from kernelgraph.ops.sources import size
from kernelgraph.ops.streams import OrderedUpdates, moves, next_state
from kernelgraph.ops.taps import LoopStates, TappedState, rows_of, state_of
from kernelgraph.types import INTEGERS, TensorType, is_python_number, listed

__all__ = ["scan"]


def scan(
    fn: Callable[..., Any],
    sequences: Any = (),
    outputs_info: Any = (),
    non_sequences: Any = (),
    n_steps: Any = None,
    go_backwards: bool = False,
) -> tuple[Any, OrderedUpdates]:
    """Run `fn(*slices, *states, *fixed)` once per step; returns the results of all steps, and what
    the shared variables become that the loop moves on.

    `sequences`: arrays, a slice of each per step, from the last to the first with `go_backwards`;
    `dict(input=x, taps=[-1, 0, 1])` gives `fn` the rows before and after, too, as far as x has all.
    `outputs_info`: the first value of each state, None for a result that is not fed back; `fn`
    returns new values in that order. `dict(initial=s, taps=[-2, -1])` gives `fn` the two states
    before, in the order of the taps; `s` holds the first ones along its first axis, the oldest
    first. A number of Python, or a list of them, gets the dtype that the
    step makes of it, or one that holds both; an integer is int64 where the step stays with
    integers, a float is floatX where the step knows of no other dtype.
    `n_steps`: by default the length of the shortest sequence.

    What `fn` draws from a random stream is drawn anew at each step, and the stream goes on from
    there: a function that computes the loop stores the state after the last step, whether it is
    given these updates or not (`no_default_updates` leaves it alone). What was drawn before `fn`
    was called is one value for all steps. `fn` may return updates of other shared variables beside
    its results, as a dict; the next step reads the new values, and a function stores the last ones
    if it is given the updates that `scan` returns.

    Raises `GraphError` (KG-G032) when a state changes its type, `n_steps` is no integer, taps are
    not whole numbers, or `fn` returns nothing.
    """
    moving = [rows for k, entry in enumerate(_as_list(sequences)) for rows in rows_of(k, entry)]
    fixed = [as_variable(v) for v in _as_list(non_sequences)]
    states = [state_of(k, entry) for k, entry in enumerate(_as_list(outputs_info))]
    _check_sequences(moving, n_steps)
    if expect_flag(go_backwards, "go_backwards"):
        moving = [v[::-1] for v in moving]
    slices = [Variable(TensorType(s.dtype, s.tensor_type.shape[1:])) for s in moving]
    loop_states = LoopStates.of([state for state in states if state is not None])
    first = loop_states.starts
    ends = [*("slice" for _ in slices), *("state" for _ in loop_states.given)]
    ends += ["fixed" for _ in fixed]
    expect_arity(expect_function(fn, "the step of scan"), ends, "the step of scan")
    step, order = _traced(fn, slices, states, loop_states, fixed)
    outputs, found = step.loop(_steps(moving, n_steps), moving, [s.variable for s in first])
    n = len(states) - states.count(None)
    of_results = dict(zip(order, outputs[:n] + outputs[len(first) :], strict=True))
    in_order = [of_results[k] for k in range(len(order))]
    return (in_order[0] if len(in_order) == 1 else in_order), found


def _traced(
    fn: Callable[..., Any],
    slices: list[Variable],
    states: Sequence[TappedState | None],
    loop_states: LoopStates,
    fixed: Sequence[Variable],
) -> tuple[_Iteration, list[int]]:
    """The step that `fn` describes, and the order of its results: those that are fed back first."""
    symbols, made, returned = _step_of(fn, slices, loop_states, fixed)
    results, updates = _read_step(returned, len(states))
    fed = [k for k, state in enumerate(states) if state is not None]
    rest = [k for k in range(len(results)) if k not in fed]
    further = [symbols[k] for k in loop_states.before]
    ordered = [*(results[k] for k in fed), *further, *(results[k] for k in rest)]
    step = _Iteration(slices, symbols, ordered, updates, set(made))
    step.settle(loop_states.starts)
    return step, fed + rest


def _step_of(
    fn: Callable[..., Any],
    slices: Sequence[Variable],
    loop_states: LoopStates,
    fixed: Sequence[Variable],
) -> tuple[list[Variable], list[Apply], Any]:
    """As `_call`. Raises `ArgumentError` for a class, which is called as Python likes."""
    try:
        return _call(fn, slices, loop_states, fixed)
    except TypeError as error:
        if not isinstance(fn, type) or isinstance(error, KernelgraphError):
            raise
        raise unfit("the step of scan", "a function of symbols", fn) from error


def _call(
    fn: Callable[..., Any],
    slices: Sequence[Variable],
    loop_states: LoopStates,
    fixed: Sequence[Variable],
) -> tuple[list[Variable], list[Apply], Any]:
    """The states, the nodes that `fn` made of them and the rest, and what it returned.

    A step that refuses an integer, as a loop inside does that starts with the state and goes on
    with floats, is tried once more with a float.
    """
    states = [s.state() for s in loop_states.starts]
    unsettled = any(isinstance(s.variable, Constant) for s in loop_states.starts)
    try:
        with nodes_made() as made, provisional(unsettled):
            return states, made, fn(*slices, *(states[k] for k in loop_states.given), *fixed)
    except KernelgraphError as error:
        floats = [s.state(as_float=True) for s in loop_states.starts]
        if [dtype_of(v) for v in floats] == [dtype_of(v) for v in states]:
            raise
        try:
            with nodes_made() as made, provisional(unsettled):
                return floats, made, fn(*slices, *(floats[k] for k in loop_states.given), *fixed)
        except KernelgraphError:
            raise error from None


@dataclass
class _Iteration:
    """What one call of the user's function made."""

    slices: list[Variable]
    states: list[Variable]
    results: list[Variable]
    updates: dict[SharedVariable, Variable]
    made: set[Apply]

    def settle(self, starts: Sequence[Start]) -> None:
        """Find dtypes for the states that start as numbers. Raises `GraphError` (KG-G032)."""
        found = Settling(list(starts), self.states, [*self.results, *self.updates.values()])
        found.settle()
        self.states = found.states
        self.results = found.results[: len(self.results)]
        self.updates = dict(zip(self.updates, found.results[len(self.results) :], strict=True))
        for result, state in zip(self.results, self.states, strict=False):
            _check_state(result, state)

    def loop(
        self, steps: Variable, moving: Sequence[Variable], first: Sequence[Variable]
    ) -> tuple[list[Variable], OrderedUpdates]:
        """The results of all steps, and the shared variables that the loop moves on."""
        own = [*self.slices, *self.states, *self.updates]
        inside = self._inside(own)
        shared = dict(self.updates)
        for state, found in moves(inside).items():
            if state not in shared:
                shared[state] = next_state(state, found)
        ends = [*self.slices, *self.states, *shared]
        n, m = len(self.states), len(self.states) + len(shared)
        outputs = [*self.results[:n], *shared.values(), *self.results[n:]]
        inside |= self._inside(ends)
        reads, graph = capture(outputs, inside, ends)
        op = Scan(graph, len(self.slices), m, (), len(shared))
        made = listed(op(steps, *moving, *first, *shared, *reads))
        last = dict(zip(shared, made[n:m], strict=True))
        for state in shared:
            default = state.default_update
            if default is not None and default.owner in self.made:
                state.default_update = last[state]
        return [*(out[1:] for out in made[:n]), *made[m:]], OrderedUpdates(last)

    def _inside(self, own: Sequence[Variable]) -> set[Apply]:
        """The nodes of a step: what needs its slices or its states, and what it draws."""
        inside: set[Apply] = set()
        ends = set(own)
        for node in walk([*self.results, *self.updates.values()]):
            drawn = node in self.made and bool(node.op.next_states(node))
            if drawn or any(v in ends or v.owner in inside for v in node.inputs):
                inside.add(node)
        return inside


def _as_list(value: Any) -> list[Any]:
    return [] if value is None else listed(value)


def _check_sequences(moving: Sequence[Variable], n_steps: Any) -> None:
    wrong = "scan without sequences needs n_steps" if not moving and n_steps is None else None
    for sequence in moving:
        if sequence.ndim == 0:
            wrong = f"scan cannot go through {describe(sequence)}: it has no rows"
    if wrong:
        raise GraphError(wrong, code="KG-G032")


def _read_step(returned: Any, starts: int) -> tuple[list[Variable], dict[SharedVariable, Variable]]:
    """The results and the updates that the user's function returned, in either order.

    Raises `GraphError` (KG-G032) for too few results, and for what is no result.
    """
    results, updates = _parts(returned)
    problem = None
    if any(v is None for v in results):
        problem = f"result {[v is None for v in results].index(True)} of the function is None"
    elif returned is None:
        problem = "the function returned None"
    elif len(results) < starts:
        problem = f"{starts} outputs_info, but the function returns {len(results)} results"
    elif not results and not updates:
        problem = "the function returns nothing"
    if problem:
        raise GraphError(
            f"scan: {problem}",
            code="KG-G032",
            hint="the function ends with return, and a value for each state, in that order"
            if returned is None or starts
            else "the function returns what each step computes",
        )
    for state in updates:
        if not isinstance(state, SharedVariable):
            what = f"only shared variables can be updated, not {state!r}"
            raise GraphError(f"scan: {what}", code="KG-G032")
    return [as_variable(v) for v in results], {
        state: _fit_update(state, value) for state, value in updates.items()
    }


def _parts(returned: Any) -> tuple[list[Any], dict[Any, Any]]:
    """Results, and updates: a dict, alone or beside the results."""
    if isinstance(returned, dict):
        return [], _table(returned)
    items = _as_list(returned)
    if len(items) == 2:
        for results, table in (items, reversed(items)):
            if isinstance(table, dict) and not isinstance(results, dict):
                return _as_list(results), _table(table)
    return items, {}


def _table(value: Any) -> dict[Any, Any]:
    return {**value}


def _fit_update(state: SharedVariable, value: Any) -> Variable:
    """What a shared variable becomes. Raises `GraphError` (KG-G032) for another type."""
    if is_python_number(value) and isinstance(state.type, TensorType):
        value = state.type.filter(value, f"the update of {describe(state)}")
    new = as_variable(value)
    kind = state.type
    if kind.accepts(new.type) if isinstance(kind, TensorType) else kind == new.type:
        return new
    raise GraphError(
        f"scan: {describe(state)} cannot become {describe(new)}: an update has the type of its "
        "variable",
        code="KG-G032",
        origins=new.where,
        hint="T.cast(…, dtype) gives it the dtype",
        operands=mismatched(state, new),
    )


def _steps(moving: Sequence[Variable], n_steps: Any) -> Variable:
    if n_steps is not None:
        steps = as_variable(n_steps)
        if steps.ndim or steps.dtype not in INTEGERS:
            raise GraphError(
                f"n_steps of scan is an integer, not {describe(steps)}",
                code="KG-G032",
                operands=(sized(steps) if steps.dtype in INTEGERS else typed(steps, INTEGERS),),
            )
        return cast(steps, "int64")
    steps = size(moving[0], 0)
    for sequence in moving[1:]:
        steps = minimum(steps, size(sequence, 0))
    return steps


def _check_state(result: Variable, state: Variable) -> None:
    if result.dtype == state.dtype and result.ndim == state.ndim:
        return
    raise GraphError(
        f"a state of scan starts as {state.type} but becomes {result.type}",
        code="KG-G032",
        hint=f"start from T.cast(…, {result.dtype!r}), or cast the result"
        if result.dtype != state.dtype
        else f"start from an array of {result.ndim} dimensions",
        operands=mismatched(Variable(state.type, "the state"), result),
    )
