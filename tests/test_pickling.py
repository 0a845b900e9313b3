"""Everything that a user can hold travels to another process, and is there what it was here."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import cached_property
from itertools import pairwise
from typing import Any

import cloudpickle
import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import errors
from kernelgraph.errors import KernelgraphError, Location, Operand, ShapeError
from kernelgraph.graph import Constant, Graph, SharedVariable, leaves, walk
from kernelgraph.op import Op
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.modes import MODES
from kernelgraph.rewrite.rule import computed_rule, rule
from kernelgraph.rewrite.rules.order import DEFAULT
from kernelgraph.tensor.rng_mrg import MRG_RandomStreams
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from kernelgraph.theano.databases import optdb
from kernelgraph.theano.tuples import node_rewriter, op_remove, op_sub, pattern_sub
from tests.fuzz.programs import program, values
from tests.loader import Loader
from tests.support import cases

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def again(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Loader]:
    loader = Loader()
    yield loader
    loader.close()


# --------------------------------------------------------------------------------------- variables


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dump", [pickle.dumps, cloudpickle.dumps])
def test_variables_of_one_pickle_stay_connected(dump: Any, protocol: int) -> None:
    x, y = T.dvector("x"), T.dvector("y")
    z: Any = T.exp(x) * y
    z.name, z.tag.note = "z", [1, y]
    w = z + T.sin(x)
    for order in ([x, y, z, w], [w, z, y, x], [z, w, x, y], [w, w, z, z]):
        found = dict(zip(map(id, order), pickle.loads(dump(order, protocol)), strict=True))
        new: Any = {v.name or "w": found.get(id(v)) for v in (x, y, z, w)}
        assert new["w"].owner.inputs[0] is new["z"]
        assert new["z"].name == "z"
        if new["y"] is not None:
            assert new["z"].owner.inputs[1] is new["y"]
            assert new["z"].tag.note == [1, new["y"]]
            assert new["w"].owner.inputs[1].owner.inputs[0] is new["x"]
        assert str(Graph((), (new["w"],))) == str(Graph((), (w,)))


def test_two_pickles_share_nothing() -> None:
    x = T.dvector("x")
    y = x * 2
    first, second = again(y), again(y)
    assert first is not second
    assert first.owner.inputs[0] is not second.owner.inputs[0]
    assert again([y, x])[0].owner.inputs[0] is not x


def test_constants_and_shared_variables() -> None:
    c = T.constant(np.arange(6.0).reshape(2, 3), "c")
    s = kg.shared(np.ones(3), "s")
    new, (a, b) = again(c), again([s, s * 2])
    assert (type(new), new.name, new.type) == (Constant, "c", c.type)
    assert not new.data.flags.writeable
    np.testing.assert_array_equal(new.data, c.data)
    assert isinstance(a, SharedVariable)
    assert b.owner.inputs[0] is a
    a.set_value(np.zeros(3))
    np.testing.assert_array_equal(s.get_value(), np.ones(3))


def leaves_of(variables: list[Any]) -> list[Any]:
    return [v for v in leaves(variables) if isinstance(v, SharedVariable)]


def test_an_update_that_needs_its_own_variable() -> None:
    s = kg.shared(1.0, "s")
    s.default_update = s * 2 + 1
    for thing in (s, s.default_update, [s.default_update, s], s + 1):
        new = again(thing)
        (state,) = leaves_of(new if isinstance(new, list) else [new])
        assert state.default_update.owner.inputs[0].owner.inputs[0] is state
        assert kg.function([], state * 1, target="interpret")() == 1.0


@pytest.mark.parametrize("copied", [again, copy.deepcopy])
def test_depth_and_sharing_cost_no_stack(copied: Any) -> None:
    x = T.dscalar("x")
    y: Any = x
    made: list[Any] = []
    for _ in range(3000):
        y = T.sin(y + y)
        made.append(y)
    new = copied(y)
    assert len(list(walk([new]))) == 6000
    several = copied(made[:200])
    assert all(b.owner.inputs[0].owner.inputs[0] is a for a, b in pairwise(several))
    assert len(list(walk(several))) == 400


def test_copies_that_are_shallow() -> None:
    x = T.dvector("x")
    x.tag.test_value = np.ones(2)
    y: Any = x * 2
    new: Any = copy.copy(y)
    assert new is not y
    assert new.owner.inputs[0] is x
    leaf = copy.copy(x)
    assert (leaf.name, leaf.type, leaf is x) == ("x", x.type, False)
    assert leaf.tag.test_value is x.tag.test_value
    assert leaf.tag is not x.tag


def test_where_it_was_written_becomes_text() -> None:
    y = again(T.dvector("x") * 3)
    (place,) = y.owner.origins
    assert isinstance(place, Location)
    assert place.text[place.column : place.end_column] == 'T.dvector("x") * 3'


def test_a_pickle_has_no_code() -> None:
    x = T.dmatrix("x")
    f = kg.function([x], T.grad(T.softmax(T.dot(x, x.T)).sum() + T.exp(x).sum(), x))
    stored = pickle.dumps(f)
    for word in (b"co_code", b"marshal", b"builtins", b"\x7fELF", b"#include", b"lambda"):
        assert word not in stored
    assert len(stored) < 20_000


# --------------------------------------------------------------------- ops, rules, modes and types


class Scaled(Op):
    """A user's op with a parameter."""

    __props__ = ("factor",)

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def make_node(self, *inputs: Any) -> Any:
        return kg.Apply(self, [T.as_tensor_variable(inputs[0])], [inputs[0].type()])

    def perform(self, node: Any, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        output_storage[0][0] = inputs[0] * self.factor


@kg.as_op(itypes=[T.dvector], otypes=[T.dvector], infer_shape=lambda node, shapes: shapes)
def reverse(x: Any) -> Any:
    return x[::-1]


@rule(changes="rounding", when=lambda match: True)
def my_rule(x: Any) -> Any:
    """A rule of a user."""
    return T.log(T.exp(x)), x


@computed_rule(on=[T.exp], examples=[lambda x: (T.exp(x), T.exp(x))])
def my_computed_rule(node: Any) -> Any:
    """Another."""
    return None


@node_rewriter([T.exp])
def my_rewriter(node: Any) -> Any:
    """A third."""
    return None


MADE_RULES = [
    pattern_sub((T.exp, (T.log, "x")), "x", name="made"), op_sub(T.sin, T.cos), op_remove(T.tanh),
]  # fmt: skip


def run_vector(pair: Any) -> Any:
    x, y = pair
    return kg.function([x], y, target="interpret")(np.arange(3.0))


def test_ops_of_users(elsewhere: Loader) -> None:
    x = T.dvector("x")
    y = reverse(Scaled(3.0)(x))
    np.testing.assert_array_equal(elsewhere.ask(pickle.dumps([x, y]), run_vector), [6.0, 3.0, 0.0])
    assert again(reverse) is reverse
    assert again(Scaled(2.0)) == Scaled(2.0)
    assert again(T.exp) is T.exp
    narrowed: Any = T.cast(x, "float32")
    assert again(narrowed.owner.op) == narrowed.owner.op


def test_functions_of_a_notebook_go_by_value() -> None:
    """What another process does not have as a module is carried by cloudpickle as it is."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "import kernelgraph as kg, kernelgraph.tensor as T\n"
        "@kg.as_op(itypes=[T.dscalar], otypes=[T.dscalar])\n"
        "def plus(x):\n    return x + 1\n",
        names,
    )
    op = names["plus"]
    loaded = pickle.loads(cloudpickle.dumps(op))
    assert loaded.function(1.0) == 2.0


@pytest.mark.parametrize("one", [*DEFAULT, my_rule, my_computed_rule, my_rewriter])
def test_a_rule_with_a_name_is_itself(one: Any) -> None:
    assert again(one) is one


@pytest.mark.parametrize("one", MADE_RULES, ids=str)
def test_a_rule_made_by_a_call_is_made_again(one: Any) -> None:
    new = again(one)
    assert (str(new), new.name, new.roots) == (str(one), one.name, one.roots)
    assert str(new.place) == str(one.place)


def test_modes_and_databases() -> None:
    for mode in MODES.values():
        assert again(mode) is mode
    own = kg.get_mode("FAST_RUN").excluding("stabilize").with_rules(my_rule)
    assert again(own) == own
    assert again(optdb) is optdb


def test_types_and_constructors() -> None:
    for kind in (T.dmatrix.type, T.ObjectType(), T.SparseType("csr", "float64")):
        assert again(kind) == kind
        assert copy.deepcopy(kind) is kind
    assert again(T.dmatrix)("x").type == T.dmatrix("x").type


def test_stages_and_findings() -> None:
    x = T.dvector("x")
    f = kg.function([x], T.log(T.exp(x)).sum())
    stages = again(f.stages)
    assert str(stages.rewriting) == str(f.stages.rewriting)
    assert str(again(f.stages.rewriting)) == str(f.stages.rewriting)
    assert str(again(f.stages.schedule)) == str(f.stages.schedule)
    trap = T.switch(x > 0, T.log(x), 0).sum()
    assert [str(one) for one in again(kg.lint(trap))] == [str(one) for one in kg.lint(trap)]


# ------------------------------------------------------------------------------------------ errors


ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, KernelgraphError)
]


class OwnError(ShapeError):
    """With an `__init__` of another form."""

    def __init__(self, size: int) -> None:
        super().__init__(f"size {size}", operands=(Operand("x", (size,), (0,)),))
        self.size = size


@pytest.mark.parametrize("kind", ERRORS)
def test_errors_of_every_kind(kind: Any) -> None:
    origins = (T.dvector("x") + 1).where
    sides = (Operand("x", (2, 3), (1,)), Operand("y", (3, 2), (0,)))
    error = kind("no", origins=origins, because="so", hint="other", operands=sides)
    error.add_note("a note")
    new = again(error)
    assert type(new) is kind
    assert str(new) == str(error)
    assert (new.code, new.operands, new.args) == (error.code, error.operands, error.args)
    assert new.__notes__ == error.__notes__
    assert new.places == error.places


def test_an_error_of_the_users() -> None:
    new = again(OwnError(3))
    assert (new.size, str(new)) == (3, str(OwnError(3)))
    assert copy.copy(new).size == copy.deepcopy(new).size == 3


def fail(size: int) -> None:
    x, y = T.dvector("x"), T.dvector("y")
    kg.function([x, y], x + y, target="interpret")(np.ones(size), np.ones(size + 1))


def test_an_error_comes_home_from_a_pool() -> None:
    with pytest.raises(ShapeError) as here:
        fail(3)
    with (
        multiprocessing.get_context("spawn").Pool(1) as pool,
        pytest.raises(ShapeError) as caught,
    ):
        pool.map(fail, [3])
    assert str(caught.value) == str(here.value)
    assert caught.value.__notes__ == here.value.__notes__


# --------------------------------------------------------------------------------------- functions


def model(**options: Any) -> tuple[Any, Any]:
    """A model with noise, in the middle of its training."""
    x, t = T.dmatrix("x"), T.dvector("t")
    w, b = kg.shared(np.zeros(3), "w"), kg.shared(0.0, "b")
    noise = RandomStreams(7).binomial(size=x.shape, p=0.8, dtype="float64")
    p = T.sigmoid(T.dot(x * noise, w) + b)
    cost = -(t * T.log(p) + (1 - t) * T.log(1 - p)).mean()
    pairs = [(v, v - 0.5 * g) for v, g in zip((w, b), T.grad(cost, [w, b]), strict=True)]
    rng = np.random.default_rng(3)
    data = rng.normal(size=(20, 3)), rng.integers(0, 2, 20).astype(float)
    return kg.function([x, t], cost, updates=pairs, name="train", **options), data


def train_on(pair: Any) -> Any:
    f, data = pair
    return [float(f(*data)) for _ in range(5)], f["w"], float(f["b"])


@pytest.mark.parametrize("target", ["c", "interpret"])
def test_training_goes_on_in_another_process(elsewhere: Loader, target: str) -> None:
    f, data = model(target=target)
    before = [float(f(*data)) for _ in range(4)]
    stored = pickle.dumps((f, data))
    costs, w, b = elsewhere.ask(stored, train_on)
    wanted = train_on((f, data))
    assert (costs, w.tolist(), b) == (wanted[0], wanted[1].tolist(), wanted[2])
    assert costs[-1] < before[0]


def test_what_a_function_keeps() -> None:
    x = T.dvector("x")
    k, n = T.dscalar("k"), kg.shared(0, "n")
    f = kg.function(
        [x, kg.In(k, value=2.0, update=k + 1)],
        {"sum": (x * k).sum(), "first": x[0]},
        updates=[(n, n + 1)],
        target="python",
        mode="STABILIZE",
        name="kept",
        profile=True,
    )
    f.trust_input = True
    f([1.0, 2.0])
    g = again(f)
    assert (g.name, g.target, g.rules, g.trust_input) == ("kept", "python", f.rules, True)
    assert g["k"] == 3.0
    assert g([1.0, 2.0]) == f([1.0, 2.0])
    assert (g["n"], g["k"], g.profile.calls) == (2, 4.0, 1)
    assert bool(g.profile)
    assert str(again(f.profile)) == str(f.profile)
    assert g([1.0], output_subset=["first"]).keys() == {"first"}


def test_functions_that_share_a_value_still_do() -> None:
    s = kg.shared(1.0, "s")
    double = kg.function([], [], updates=[(s, 2 * s)], target="interpret")
    read = kg.function([], s * 1, target="interpret")
    one, other, variable = again((double, read, s))
    one()
    assert (other(), variable.get_value(), s.get_value()) == (2.0, 2.0, 1.0)
    deep, shallow = copy.deepcopy(read), copy.copy(read)
    double()
    assert (read(), shallow(), deep()) == (2.0, 2.0, 1.0)


def test_streams_go_on_where_they_were() -> None:
    streams, others = RandomStreams(3), MRG_RandomStreams(5)
    draws = [streams.normal(size=(2,)), others.uniform((3,)), others.normal((2,))]
    f = kg.function([], draws, target="interpret")
    f()
    g, made, mrg, (normal, *_) = again((f, streams, others, draws))
    for _ in range(3):
        for a, b in zip(f(), g(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert normal.rng is made.state_updates[0][0]
    for one, seed in ((made, 9), (streams, 9), (mrg, 4), (others, 4)):
        one.seed(seed)
    for a, b in zip(f(), g(), strict=True):
        np.testing.assert_array_equal(a, b)
    u, v = streams.uniform(size=(2,)), made.uniform(size=(2,))
    assert kg.function([], u)().tolist() == kg.function([], v)().tolist()


def test_joblib_of_both_kinds(tmp_path: Any) -> None:
    x = T.dvector("x")
    f = kg.function([x], (x * x).sum())
    wanted = [0.0, 1.0, 4.0]
    for backend in ("loky", "multiprocessing"):
        jobs = (joblib.delayed(f)(np.array([float(k)])) for k in range(3))
        found: Any = joblib.Parallel(2, backend=backend)(jobs)
        assert list(map(float, found)) == wanted
    joblib.dump(f, tmp_path / "f.joblib")
    assert joblib.load(tmp_path / "f.joblib")([3.0]) == 9.0


# --------------------------------------------------------------------------------------- generator


def random_function(seed: int) -> tuple[Any, list[Any]]:
    """A function of a random graph with states, defaults, noise and a form of its own."""
    chance = random.Random(seed)
    graph = program(seed)
    operands = values(graph, seed)
    outputs: Any = list(graph.outputs)
    updates: list[Any] = []
    givens: dict[Any, Any] = {}
    inputs: list[Any] = list(graph.inputs)
    if chance.random() < 0.5:
        count = kg.shared(0.0, "count")
        updates.append((count, count + chance.choice([1.0, 0.5])))
        is_float = outputs[0].dtype.startswith("float")
        outputs[0] = outputs[0] + T.cast(count, outputs[0].dtype) if is_float else count
    if chance.random() < 0.5:
        streams: Any = chance.choice([RandomStreams, MRG_RandomStreams])(1 + seed % 2**30)
        outputs.append(streams.uniform(size=(3,)) * 2)
    if chance.random() < 0.3:
        replaced = inputs.pop(chance.randrange(len(inputs)))
        value = operands.pop(list(graph.inputs).index(replaced))
        givens[replaced] = kg.shared(np.array(value), "given", shape=replaced.tensor_type.shape)
    if inputs and chance.random() < 0.3:
        inputs[-1] = kg.In(inputs[-1], value=np.array(operands.pop()))
    if chance.random() < 0.3:
        outputs = {f"key {k}": v for k, v in enumerate(outputs)}
    elif chance.random() < 0.3:
        outputs = outputs[0]
    options: dict[str, Any] = {
        "mode": chance.choice([None, "FAST_RUN", "FAST_COMPILE", "STABILIZE", "None"]),
        "target": chance.choice(["interpret", "interpret", "python"]),
        "name": chance.choice([None, "named"]),
        "profile": chance.random() < 0.1,
    }
    f = kg.function(
        inputs, outputs, updates=updates, givens=givens, on_unused_input="ignore", **options
    )
    return f, operands


def three_calls(pair: Any) -> Any:
    """What three calls give or raise, and the states after them."""
    f, operands = pair
    results: list[Any] = []
    with np.errstate(all="ignore"):
        for _ in range(3):
            try:
                found = f(*operands)
            except Exception as error:  # what fails must fail there as it does here
                found = str(error)
            results.append(found)
    return pickle.dumps([plain(results), [plain(v.get_value()) for v in f.get_shared()]])


def plain(value: Any) -> Any:
    """Results as bytes, so that NaN is NaN and -0 is no 0."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, np.random.RandomState):
        return str(value.get_state())
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    return array.dtype.name, array.shape, array.tobytes()


class Ways:
    """To another process and back: with bytes that we store, to a worker that multiprocessing
    spawns, and to one of joblib; a process each, which is started when it is first asked.
    """

    def __init__(self) -> None:
        self.stack = ExitStack()

    @cached_property
    def loader(self) -> Loader:
        return self.stack.enter_context(closing(Loader()))

    @cached_property
    def pool(self) -> Any:
        return self.stack.enter_context(multiprocessing.get_context("spawn").Pool(1))

    @cached_property
    def joblib(self) -> joblib.Parallel:
        return self.stack.enter_context(joblib.Parallel(2, backend="loky"))

    def go(self, way: str, pair: Any) -> Any:
        """What `three_calls` returns there."""
        match way:
            case "spawn":
                return self.pool.apply(three_calls, (pair,))
            case "joblib":
                found: Any = self.joblib([joblib.delayed(three_calls)(pair)])
                return found[0]
            case _:
                dump = cloudpickle.dumps if way == "cloudpickle" else pickle.dumps
                return self.loader.ask(dump(pair), three_calls)


@pytest.fixture(scope="module")
def ways() -> Iterator[Ways]:
    found = Ways()
    yield found
    found.stack.close()


@given(st.integers(0, 2**32), st.sampled_from(["pickle", "cloudpickle", "spawn", "joblib"]))
@cases(tested=30, hunted=1000)
def test_random_functions_are_the_same_elsewhere(ways: Ways, seed: int, way: str) -> None:
    f, operands = random_function(seed)
    three_calls((f, operands))
    copied = copy.deepcopy(f) if seed % 4 == 0 else None
    found, wanted = ways.go(way, (f, operands)), three_calls((f, operands))
    assert pickle.loads(found) == pickle.loads(wanted)
    assert copied is None or pickle.loads(three_calls((copied, operands))) == pickle.loads(wanted)


@given(st.integers(0, 2**32))
def test_random_graphs_are_the_same_again(seed: int) -> None:
    graph = program(seed)
    new, nodes = again((graph, graph.apply_nodes()))
    assert repr(new) == repr(graph)
    assert all(a is b for a, b in zip(nodes, new.apply_nodes(), strict=True))
    assert str(rewrite(new, DEFAULT)) == str(rewrite(graph, DEFAULT))
    assert interpreted(new, values(graph, seed)) == interpreted(graph, values(graph, seed))


def interpreted(graph: Graph, operands: list[Any]) -> Any:
    with np.errstate(all="ignore"):
        try:
            return plain(list(kg.interpret(graph, operands)))
        except KernelgraphError as error:
            return str(error)


def test_views_and_what_runs_travel_after_they_were_shown() -> None:
    x = T.dvector("x")
    f = kg.function([x], T.exp(x * 1).sum(), target="c")
    for view in (f.steps(), kg.steps(f.graph), f.source(), kg.explain(f)):
        shown = view._repr_mimebundle_()["text/plain"]
        for new in (again(view), again(again(view)), copy.deepcopy(view)):
            assert new._repr_mimebundle_()["text/plain"] == shown
    executable = f.stages.executable
    assert repr(again(executable)) == repr(copy.deepcopy(executable)) == repr(executable)
    assert str(again(f.stages.program)) == str(f.stages.program)


@pytest.mark.parametrize("name", ["sum", "max", "mean", "dimshuffle", "flatten", "reshape"])
def test_methods_of_symbols(name: str) -> None:
    x = T.dvector("x")
    method = getattr(again(getattr(x, name)), "__self__", None)
    assert method is not None
    assert method.name == "x"
    assert "install" not in dir(x)
