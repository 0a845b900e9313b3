"""Functions: graphs that can be called.

What a call accepts, which values persist, and what it returns.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, cast

from kernelgraph.arguments import (
    In,
    check_complete,
    check_used,
    default_cell,
    named_symbols,
    read_inputs,
    read_outputs,
    read_updates,
    state_update,
)
from kernelgraph.calling_convention import CallingConvention, name_of_results
from kernelgraph.collector import without_collector
from kernelgraph.compiler import Stages, compile_graph
from kernelgraph.config import DEVICES, config
from kernelgraph.errors import (
    CompileError,
    GraphError,
    KernelgraphError,
    ShapeError,
    capture_origins,
)
from kernelgraph.expect import (
    came,
    expect_choice,
    expect_downcast,
    expect_flag,
    expect_kind,
    expect_name,
    expect_table,
    nearest,
)
from kernelgraph.givens import read_givens, with_updates
from kernelgraph.graph import Graph, SharedVariable, Variable, leaves
from kernelgraph.hooks import Displayed, view
from kernelgraph.interpret import interpret
from kernelgraph.locations import level_of_user
from kernelgraph.pickling import blank
from kernelgraph.profile import Profile
from kernelgraph.rewrite.modes import Mode, get_mode, rules_of
from kernelgraph.rewrite.rule import Rule
from kernelgraph.size_facts import size_facts
from kernelgraph.symbols import expect_variable
from kernelgraph.target import Target
from kernelgraph.targets import TARGETS, target_named
from kernelgraph.turns import snapshot
from kernelgraph.walks import leaves_as_written
from kernelgraph.watched import failing_values

Pairs = Sequence[tuple[Variable, Any]] | Mapping[Variable, Any]


def function(
    inputs: Sequence[Variable | In],
    outputs: Any = None,
    mode: Mode | str | None = None,
    updates: Pairs | None = None,
    givens: Pairs | None = None,
    no_default_updates: bool | Sequence[Variable] = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: bool | None = None,
    on_unused_input: str | None = None,
    *,
    target: str | Target | None = None,
    device: str | None = None,
    rules: Sequence[Rule] | None = None,
) -> Function:
    """Compile a function of `inputs` that returns `outputs`: one, a list, a dict, or none.

    `updates`: pairs (shared variable, new value), all computed from the old values and stored
    together at the end; shared variables bring a `default_update`, unless `no_default_updates`
    (True, or a list). `givens`: pairs (variable, what stands in its place), cast to its dtype with
    `rebuild_strict=False`. `mode`: "FAST_RUN", "STABILIZE", "None" (no rules), "FAST_COMPILE"
    (NumPy, nothing rewritten), "DebugMode", "NanGuardMode", or a `kg.Mode`. `device`: "cpu", "cuda"
    (a GPU), "cuda-sim" (the same, simulated), "cuda-check" (and faults are a `KernelError`); or
    `target`: one of these, "c", "python" (the same loops, slowly), "interpret" (NumPy, node by
    node), or your own. `profile=True`: `f.profile` tells where the time went.

    Calls in threads that update what others use take turns; a Ctrl-C leaves all updates or none.
    Raises `MissingInputError`, `UnusedInputError`, `DTypeError` for an update of another type,
    `ReplacementError` for givens, `GraphError` for what is given twice or not known, `DeviceError`.
    """
    strict = expect_flag(rebuild_strict, "rebuild_strict")
    downcast = expect_downcast(allow_input_downcast, "allow_input_downcast")
    profile = profile is not None and expect_flag(profile, "profile")
    name = expect_name(name, "the name of a function")
    usual, signature = get_mode(mode), read_inputs(inputs)
    results, names, form = read_outputs(outputs)
    given, states = read_updates(updates), [i for i in signature if i.update is not None]
    wanted = [*results, *(new for _, new in given), *map(state_update, states)]
    places = read_givens(givens, signature, strict)
    which = (len(states), signature, places, no_default_updates, [v for v, _ in given])
    wanted, updated = with_updates(wanted, *which)
    graph = _assemble(name or "f", wanted, signature, updated, len(results), on_unused_input)
    called = name or name_of_results(results, names)
    ends = (len(results), names, form, downcast, () if called else capture_origins())
    cells = _cells(graph, signature, states, updated)
    convention = CallingConvention(called or graph.name, signature, *cells, *ends)
    target, timed = _chosen(target, device, usual), Profile(graph.name) if profile else None
    return Function(graph, convention, target, rules_of(rules, usual), None, timed, usual.fuse)


def _chosen(target: str | Target | None, device: str | None, mode: Mode) -> Any:
    """The target that was asked for, by its name or by that of a device; None: the usual one."""
    if device is not None:
        expect_choice(device, "device", DEVICES)
        if target is not None:
            both = f"device={device!r} and target={came(target)} both say where it runs"
            raise GraphError(both, code="KG-G008", hint="give one of them")
        return config.target if device == "cpu" else device
    if target is not None or mode.target is not None:
        return mode.target if target is None else target
    return None if config.device == "cpu" else config.device


def _cells(
    graph: Graph, signature: Sequence[In], states: Sequence[In], updated: Sequence[SharedVariable]
) -> tuple[list[list[Any]], Sequence[SharedVariable], list[list[Any]]]:
    """The defaults of inputs, the shared variables, and where the last outputs go."""
    cells = [default_cell(item) for item in signature]
    into = [v.container for v in updated] + [cells[signature.index(item)] for item in states]
    return cells, cast("Sequence[SharedVariable]", graph.inputs[len(signature) :]), into


def _assemble(
    name: str,
    wanted: Sequence[Variable],
    signature: Sequence[In],
    updated: Sequence[SharedVariable],
    results: int,
    on_unused_input: str | None,
) -> Graph:
    """The graph of a function: its inputs, then the shared variables that it reads or updates."""
    inputs = [item.variable for item in signature]
    found = leaves(wanted, inputs)
    written = leaves_as_written(wanted, inputs)
    kept = [v for v in dict.fromkeys((*found, *written)) if isinstance(v, SharedVariable)]
    kept += [v for v in updated if v not in kept]
    check_complete(found, inputs)
    check_used(written, inputs, on_unused_input)
    position = {v: len(inputs) + k for k, v in enumerate(kept)}
    donations = {results + k: position[v] for k, v in enumerate(updated)}
    return Graph((*inputs, *kept), tuple(wanted), donations, name)


_MAKE = "kg.function([x], …) makes functions"


class _Parameters:
    """A function's `__signature__`, with which Python's help shows the inputs by name; of the class
    there is none. With `__getattr__`, every attribute of a function would cost a call more.
    """

    def __get__(self, instance: Function | None, owner: type) -> Any:
        return None if instance is None else instance.convention.parameters


class Function(Displayed):
    """A compiled graph and the values that belong to it. Call it with numbers.

    `stages` shows every stage of its compilation. `trust_input` is kept and changes nothing: an
    array that fits is handed on after one look at its dtype and rank, and what does not fit never
    reaches compiled code.
    """

    def __init__(
        self,
        graph: Graph,
        convention: CallingConvention,
        target: Any,
        rules: Sequence[Rule],
        stages: Stages | None = None,
        profile: Profile | None = None,
        fuse: bool = True,
    ) -> None:
        self.graph = expect_kind(graph, Graph, "the graph of a function", "a graph", _MAKE)
        self.convention = expect_kind(convention, CallingConvention, "its convention", "one", _MAKE)
        self.rules = rules
        self.name = graph.name
        self.trust_input = False
        if profile is not None:
            expect_kind(profile, Profile, "profile", "a profile", _MAKE)
        if stages is not None:
            expect_kind(stages, Stages, "stages", "those of a function", _MAKE)
        self.target, self.stages, self._call = _make_callable(
            graph, convention, target, rules, stages, profile, fuse
        )
        self._free: Callable[[], None] | None = getattr(self._call, "free", None)
        self._profile = profile
        if profile is not None:
            self._call = profile.timed(self._call)
        self._asked = target
        plain = not any(convention.cells) and not convention.has_mutable
        self._simple = convention.form in ("one", "list") and plain
        self._arity = len(convention.inputs)
        self._turns = convention.turns() if convention.keeps_defaults else None

    def __call__(
        self, *arguments: Any, output_subset: Sequence[int | str] | None = None, **named: Any
    ) -> Any:
        """The outputs for these values of the inputs, after which the updates have happened.

        `output_subset` picks some of several outputs, by position or by key. Raises `ArgumentError`
        for arguments that do not fit the signature, `DTypeError` and `ShapeError` for values that
        do not fit their inputs, `AliasError` for a read-only array where an input is mutable.
        """
        try:
            if (
                self._simple
                and not named
                and output_subset is None
                and len(arguments) == self._arity
            ):
                return self._call(*arguments)
            with self._turns.make() if self._turns else nullcontext():
                result = self._call(*self.convention.positional(arguments, named))
            return self.convention.shaped(result, output_subset)
        except KernelgraphError as error:
            found = self._as_interpreted(error, arguments, named)
            self.convention.told(found, arguments, named)
            if config.exception_verbosity == "high":
                found.add_note(self._failing(arguments, named))
            if found is not error:
                raise found from None
            raise

    def _as_interpreted(
        self, error: KernelgraphError, arguments: Sequence[Any], named: Mapping[str, Any]
    ) -> KernelgraphError:
        """The error at the line that `interpret` names. Where only a choice shows a size, a program
        compares earlier what follows from it, and at another line.
        """
        late = isinstance(error, ShapeError) and any(f.late for f in size_facts(self.graph))
        try:
            if late:
                interpret(self.graph, self._values(arguments, named))
        except KernelgraphError as found:
            return found
        except Exception:
            return error
        return error

    def _values(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """A value for each input of the graph: those of a call, then what is shared. Raises."""
        given = self.convention.positional(arguments, named)
        values = [self.convention.filter(k)(value) for k, value in enumerate(given)]
        return values + snapshot([v.container for v in self.convention.shared])

    def _failing(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> str:
        """What the node that failed was given, as text; empty if no node did."""
        try:
            return failing_values(self.graph, self._values(arguments, named))
        except KernelgraphError:
            return ""  # an argument does not fit, and the error says so

    def copy(
        self,
        share_memory: bool = False,
        swap: Mapping[SharedVariable, SharedVariable] | None = None,
        delete_updates: bool = False,
        name: str | None = None,
        profile: bool | None = None,
    ) -> Function:
        """The same function with other shared variables (`swap`: old to new), or without updates.
        Nothing is compiled again. `share_memory` changes nothing: each has memory of its own for
        calls, so that both may run at a time. The copy returns a list even where the original
        returns one value.

        Raises `ArgumentError` (KG-G009) for a variable that this function does not have, or of
        another type.
        """
        expect_flag(share_memory, "share_memory")
        profile = profile is not None and expect_flag(profile, "profile")
        convention = self.convention.copy(swap, delete_updates, name)
        timed = Profile(convention.name) if profile else None
        return Function(self.graph, convention, self.target, self.rules, self.stages, timed)

    @property
    def symbols(self) -> dict[str, Variable]:
        """The symbols that it was made from, by name: inputs, shared variables, and every result
        that has one; of several with one name, the one made last.
        """
        return named_symbols(self.graph.inputs, self.graph.outputs)

    def get_shared(self) -> list[SharedVariable]:
        """The shared variables that it reads or updates."""
        return list(self.convention.shared)

    def steps(
        self, *, rule: str | None = None, times: bool = False, limit: int | None = None
    ) -> Any:
        """A view of how it was rewritten and planned, one step at a time: `kg.steps`, with its
        options.
        """
        options = {} if limit is None else {"limit": limit}
        return view("steps", self, rule=rule, times=times, **options)

    @property
    def profile(self) -> Profile:
        """Where the time of all calls went, for a function built with `profile=True`; for any other
        it is empty, and false. `f.profile(1.0, 2.0)` measures some calls with these arguments.
        """
        found = self._profile or Profile(self.name, asked=False)
        found.again = partial(view, "profile", self)
        return found

    def free(self) -> None:
        """Give back the memory that compiled code keeps from one call for the next: temporaries of
        the size that the last two calls both needed, and the last values of shared variables. All
        of it goes in any case with the function.
        """
        if self._free is not None:
            self._free()

    def source(self, language: str | None = None) -> Any:
        """The generated code beside the graph, each line with the nodes that it computes.

        `language`: "c", "cuda", "python", "loops" or "plan" alone; by default all of them, the one
        that runs in front. The view has `.text`, `.html` and `.save(path)`. Raises `ArgumentError`.
        """
        return view("source", self, language=language)

    def __getitem__(self, key: Variable | str) -> Any:
        """The value of a state: of a shared variable, or of an input with a default, by the
        variable or its name.

        Raises `ArgumentError` (KG-G004).
        """
        return self.convention.cell(key)[0]

    def __setitem__(self, key: Variable | str, value: Any) -> None:
        self.convention.store(key, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """The graph and the values; code is not stored, but made again where this is loaded."""
        how = {"asked": self._asked, "target": self.target, "fuse": self.stages.fuse}
        kept = {"trust_input": self.trust_input, "name": self.name}
        kept["profile"] = self._profile is not None
        return blank, (type(self),), (self.graph, self.convention, self.rules, {**how, **kept})

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        graph, convention, rules, kept = state
        profile = Profile(convention.name) if kept["profile"] else None
        how: dict[str, Any] = {"profile": profile, "fuse": kept["fuse"]}
        asked = kept["asked"]
        try:
            self.__init__(graph, convention, asked or kept["target"], rules, **how)
        except CompileError:
            if asked is not None:
                raise
            how["target"] = None  # NumPy, where there is no compiler
            self.__init__(graph, convention, rules=rules, **how)
        self.name, self.trust_input, self._asked = kept["name"], kept["trust_input"], asked

    __signature__ = _Parameters()

    def __copy__(self) -> Function:
        return Function(self.graph, self.convention, self.target, self.rules, self.stages)

    def __repr__(self) -> str:
        made = f", {self.convention.made}" if self.convention.made else ""
        return f"<function {self.convention} on {self.target}{made}>"


def evaluate(variable: Variable, values: Mapping[Variable, Any] | None = None) -> Any:
    """What `variable.eval(values)` does: the variable's value, by a function that it keeps.

    Raises `ArgumentError` (KG-G004) for values of what are no inputs.
    """
    table = expect_table(values, "the values", "numbers by symbol: {x: 1.0}")
    inputs = [expect_variable(v, "each key of the values") for v in table]
    known: dict[tuple[Variable, ...], Function] = getattr(variable, "_evaluations", {})
    variable._evaluations = known  # pyright: ignore[reportPrivateUsage]
    key = tuple(sorted(inputs, key=id))
    if key not in known:
        known[key] = function(list(key), variable)
    return known[key](*(table[v] for v in key))


_said: list[str] = []
_WRONG_PROGRAM = "KG-K011"


def _make_callable(
    graph: Graph,
    convention: CallingConvention,
    target: Any,
    rules: Sequence[Rule],
    stages: Stages | None,
    profile: Profile | None,
    fuse: bool,
) -> tuple[str, Stages, Callable[..., Any]]:
    wanted = config.target if target is None else target
    own: Any = wanted if hasattr(wanted, "build") else None
    if own is None and (not isinstance(wanted, str) or wanted not in TARGETS):
        raise GraphError(
            f"no target named {came(wanted)}; there are {', '.join(TARGETS)}",
            code="KG-G008",
            hint=nearest(wanted, TARGETS),
        )
    made: Target = own or target_named(str(wanted), profile is not None)
    stages = stages or compile_graph(graph, made, rules, fuse)
    try:
        if profile is not None:
            profile.compile(stages)
        with without_collector():
            return made.name, stages, stages.executable.bind(convention.binding())
    except CompileError as error:
        if target is not None or error.code == "KG-G033":
            raise
        _say_once(error)
    return _make_callable(graph, convention, "interpret", rules, None, profile, fuse)


def _say_once(error: KernelgraphError) -> None:
    """A machine without a compiler is no reason to stop, but its user should know."""
    about = error.code if error.code != _WRONG_PROGRAM else str(error)
    if about in _said:
        return
    _said.append(about)
    warnings.warn(
        f"running on NumPy, node by node, because compiling failed: {error}",
        stacklevel=level_of_user(),
    )
