"""Values that persist stay exact, whoever calls at the same time and whatever interrupts."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph import turns
from kernelgraph.errors import DeadlockError
from kernelgraph.tensor.rng_mrg import MRG_RandomStreams
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from tests.support import WAYS, builder, hunting

THREADS = 8
PACKAGE = os.path.dirname(kg.__file__)


@pytest.fixture(params=WAYS)
def build(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`kg.function` for one way of running."""
    return partial(builder(request.param, monkeypatch), on_unused_input="ignore")


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    turns._drop_what_is_over()  # as the next call does, where a Ctrl-C came in between
    assert turns.QUEUE == []


@kg.as_op(itypes=[T.lscalar], otypes=[T.lscalar], infer_shape=lambda node, shapes: shapes)
def same_number(x: Any) -> Any:
    return np.array(x)


def in_threads(*works: Callable[[], Any], seconds: float = 60.0) -> None:
    """Run all works at once; raises what one raised, or fails when one does not end."""
    errors: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
        assert not thread.is_alive(), "a thread waits for ever"
    if errors:
        raise errors[0]


def repeated(work: Callable[[], Any], times: int) -> Callable[[], None]:
    def run() -> None:
        for _ in range(times):
            work()

    return run


# ----------------------------------------------------------------------------------- updates count


def counting(build: Any, kind: str) -> tuple[Any, Callable[[], Any]]:
    """A counter and a call that adds one to it."""
    n, m = kg.shared(0, "n"), T.dmatrix("m")
    given = np.ones((2, 2))
    match kind:
        case "loops":
            f = build([], [], updates=[(n, n + 1)])
            return n, f
        case "a python op":
            return n, build([], [], updates=[(n, same_number(n) + 1)])
        case "a product":
            step = T.cast(T.dot(m, m)[0, 0], "int64")
            f = build([m], [], updates=[(n, n + step - 1)])
            return n, lambda: f(given)
        case "a choice":
            f = build([], [], updates=[(n, kg.ifelse(n >= 0, same_number(n) + 1, n))])
            return n, f
        case _:
            x = T.lscalar("x")
            f = build([kg.In(x, value=0, update=same_number(x) + 1, name="x")], x)
            n = type("Default", (), {"get_value": lambda _: f["x"]})()
            return n, f


@pytest.mark.parametrize("kind", ["loops", "a python op", "a product", "a choice", "a default"])
def test_updates_of_all_threads_count(build: Any, kind: str) -> None:
    n, call = counting(build, kind)
    times = 100
    in_threads(*[repeated(call, times)] * THREADS)
    assert n.get_value() == THREADS * times


@pytest.mark.hypothesis
@pytest.mark.parametrize("kind", ["loops", "a product"])
def test_many_calls_of_many_threads(
    build: Any, kind: str, record_property: Callable[[str, object], None]
) -> None:
    times = 2000 if hunting() else 300
    record_property("cases", THREADS * times)
    n, call = counting(build, kind)
    in_threads(*[repeated(call, times)] * THREADS, seconds=300)
    assert n.get_value() == THREADS * times


def test_functions_that_share_a_variable_take_turns(build: Any) -> None:
    a, b = kg.shared(0, "a"), kg.shared(0, "b")
    works = [
        build([], [], updates=[(a, same_number(a) + 1)]),
        build([], [], updates=[(a, same_number(a) + 1), (b, same_number(b) + 1)]),
        build([], [], updates=[(b, same_number(b) + 1)]),
        kg.function([], [], updates=[(b, same_number(b) + 1)], target="interpret"),
    ]
    in_threads(*[repeated(work, 100) for work in works * 2])
    assert (a.get_value(), b.get_value()) == (400, 600)


def test_a_copy_counts_for_the_variable_that_it_has(build: Any) -> None:
    a, b = kg.shared(0, "a"), kg.shared(0, "b")
    f = build([], [], updates=[(a, same_number(a) + 1)])
    g = f.copy(swap={a: b})
    in_threads(*[repeated(f, 100), repeated(g, 100)] * 4)
    assert (a.get_value(), b.get_value()) == (400, 400)


def test_readers_see_all_updates_of_a_call_or_none(build: Any) -> None:
    a, b = kg.shared(0, "a"), kg.shared(0, "b")
    step = build([], [], updates=[(a, same_number(a) + 1), (b, same_number(b) - 1)])
    read = build([], same_number(a) + same_number(b))
    seen: list[int] = []
    in_threads(repeated(step, 300), *[repeated(lambda: seen.append(int(read())), 200)] * 3)
    assert set(seen) == {0}


def test_no_one_reads_what_another_is_changing(build: Any) -> None:
    """a += b and b += a at the same time: as if one had come after the other."""
    for _ in range(3):
        a, b = kg.shared(1, "a"), kg.shared(1, "b")
        f = build([], [], updates=[(a, same_number(a) + b)])
        g = build([], [], updates=[(b, same_number(b) + a)])
        in_threads(f, g)
        assert sorted([int(a.get_value()), int(b.get_value())]) == [2, 3]


# --------------------------------------------------------------------------------------- any order


def chains(log: list[tuple[int, Any, Any]], start: Any) -> list[int]:
    """The calls on one variable in their order: each found what the one before left."""
    by_old = {old: (call, new) for call, old, new in log}
    assert len(by_old) == len(log), "two calls began with the same value: an update is lost"
    order: list[int] = []
    while start in by_old:
        call, start = by_old.pop(start)
        order.append(call)
    assert not by_old, "a call began with a value that nobody had left"
    return order


def is_some_order(orders: list[list[int]]) -> bool:
    """Whether calls can be put in one line that has each of these as a part."""
    after: dict[int, set[int]] = {}
    for order in orders:
        for one, other in pairwise(order):
            after.setdefault(one, set()).add(other)
            after.setdefault(other, set())
    while after:
        last = [call for call, others in after.items() if not others & after.keys()]
        if not last:
            return False
        for call in last:
            del after[call]
    return True


@st.composite
def families(draw: Any) -> list[tuple[list[int], str, bool]]:
    """Which of three variables each function updates, its target, and if it calls Python."""
    some = st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True)
    kind = st.tuples(some, st.sampled_from(["c", "python", "interpret"]), st.booleans())
    return draw(st.lists(kind, min_size=2, max_size=4))


@settings(max_examples=settings().max_examples // 8)
@given(families(), st.integers(0, 2**32))
def test_calls_count_as_if_one_came_after_the_other(family: Any, seed: int) -> None:
    """Each update mixes all that its call reads, so that values tell the order of the calls."""
    rng = np.random.default_rng(seed)
    variables = [kg.shared(int(k), f"v{k}") for k in range(3)]
    functions: list[Any] = []
    for chosen, target, has_op in family:
        mine = [variables[k] for k in chosen]
        mixed = sum(int(rng.integers(3, 2**30)) * v for v in mine)
        new = [v * int(rng.integers(2**20) * 4 + 5) + mixed * 8 + 1 for v in mine]
        new = [same_number(v) for v in new] if has_op else new
        functions.append(kg.function([], [*mine, *new], updates=[*zip(mine, new, strict=True)],
                                     target=target))  # fmt: skip
    log: list[tuple[list[int], list[Any]]] = []
    works = [
        repeated(lambda f=f, chosen=row[0]: log.append((chosen, f())), 15)
        for f, row in zip(functions, family, strict=True)
    ]
    in_threads(*works * 2)
    found: list[list[int]] = []
    for k in range(3):
        mine = [
            (call, int(values[chosen.index(k)]), int(values[len(chosen) + chosen.index(k)]))
            for call, (chosen, values) in enumerate(log)
            if k in chosen
        ]
        order = chains(mine, k)
        found.append(order)
        left = next((new for call, _, new in mine if call == order[-1]), k)
        assert variables[k].get_value() == left
    assert is_some_order(found)


# -------------------------------------------------------------------------------- numbers by chance


def test_draws_of_threads_differ_and_none_is_lost(build: Any) -> None:
    streams, mrg = RandomStreams(5), MRG_RandomStreams(5)
    f = build([], [streams.uniform((2,)), mrg.uniform((2,), nstreams=2)])
    drawn: list[tuple[float, ...]] = []
    in_threads(*[repeated(lambda: drawn.append(tuple(np.concatenate(f()))), 40)] * THREADS)
    streams.seed(5)
    mrg.seed(5)
    expected = [tuple(np.concatenate(f())) for _ in drawn]
    assert sorted(drawn) == sorted(expected)
    assert len(set(drawn)) == len(drawn)


def test_streams_made_in_threads_differ() -> None:
    mrg = MRG_RandomStreams(1)
    in_threads(*[repeated(lambda: mrg.uniform((1,), nstreams=1), 20)] * 4)
    starts = {tuple(np.ravel(v.get_value())) for v, _ in mrg.state_updates}
    assert len(starts) == 80


# -------------------------------------------------------------------------- calls inside of calls


def calling(inner: list[Any]) -> Any:
    """An op that calls a function that is made later."""

    @kg.as_op(itypes=[T.lscalar], otypes=[T.lscalar])
    def call(x: Any) -> Any:
        if int(x) < 3:
            for f in inner:
                f()
        return np.array(x)

    return call


def test_a_call_inside_a_call_of_the_same_function(build: Any) -> None:
    n, inner = kg.shared(0, "n"), list[Any]()
    f = build([], n, updates=[(n, calling(inner)(n) + 1)])
    n.set_value(2)
    f()
    assert n.get_value() == 3
    depth = kg.shared(0, "depth")
    inner += [lambda: depth.set_value(depth.get_value() + 1), lambda: n.set_value(5)]
    n.set_value(0)
    f()
    assert (n.get_value(), depth.get_value()) == (1, 1)  # computed from what it found
    inner[:] = [f] if depth.get_value() else []
    n.set_value(3)
    f()
    assert n.get_value() == 4


def test_a_call_inside_a_call_of_another_function(build: Any) -> None:
    a, b, inner = kg.shared(0, "a"), kg.shared(0, "b"), list[Any]()
    nothing = kg.shared(0, "nothing")
    outer = build([], [], updates=[(a, a + 1 + calling(inner)(nothing))])
    inner.append(build([], [], updates=[(b, same_number(b) + 1)]))
    in_threads(*[repeated(outer, 50), repeated(inner[0], 50)] * 3)
    assert (a.get_value(), b.get_value()) == (150, 300)


def test_calls_that_would_wait_for_each_other_end(build: Any) -> None:
    a, b = kg.shared(0, "a"), kg.shared(0, "b")
    both_began = threading.Barrier(2, timeout=10)
    add = {v: build([], [], updates=[(v, same_number(v) + 1)]) for v in (a, b)}

    def nested(outer: Any, other: Any) -> Any:
        @kg.as_op(itypes=[T.lscalar], otypes=[T.lscalar])
        def op(x: Any) -> Any:
            both_began.wait()
            add[other]()
            return np.array(x)

        return build([], [], updates=[(outer, op(outer) + 10)])

    failed: list[DeadlockError] = []

    def run(f: Any) -> None:
        try:
            f()
        except DeadlockError as error:
            failed.append(error)

    f, g = nested(a, b), nested(b, a)
    in_threads(lambda: run(f), lambda: run(g))
    assert len(failed) == 1
    assert "KG-T001" in str(failed[0])
    assert "Try:" in str(failed[0])
    assert sorted([int(a.get_value()), int(b.get_value())]) == [1, 10]


def test_a_value_from_outside_waits_for_the_call(build: Any) -> None:
    n, began, go = kg.shared(0, "n"), threading.Event(), threading.Event()

    @kg.as_op(itypes=[T.lscalar], otypes=[T.lscalar])
    def slow(x: Any) -> Any:
        began.set()
        assert go.wait(10)
        return np.array(x)

    f = build([], [], updates=[(n, slow(n) + 1)])

    def change() -> None:
        began.wait(10)
        threading.Timer(0.05, go.set).start()
        n.set_value(100)

    in_threads(f, change)
    assert n.get_value() == 100  # before the call it would be 101; never 1
    began.clear()
    f["n"] = 7
    assert n.get_value() == 7


def test_others_go_on_meanwhile(build: Any) -> None:
    """Functions with other variables, and those that only read, wait for nobody."""
    a, b, data = kg.shared(0, "a"), kg.shared(0, "b"), kg.shared(np.ones(3), "data")
    stopped, done = threading.Event(), threading.Event()

    @kg.as_op(itypes=[T.lscalar], otypes=[T.lscalar])
    def until_done(x: Any) -> Any:
        stopped.set()
        assert done.wait(20)
        return np.array(x)

    size = T.cast(data.sum(), "int64")
    long = build([], [], updates=[(a, until_done(a) + size)])
    read = build([], a + b)
    other = build([], [], updates=[(b, b + size)])

    def work() -> None:
        assert stopped.wait(10)
        other()
        assert read() == 3
        done.set()

    in_threads(long, work)
    assert (a.get_value(), b.get_value()) == (3, 3)


# ------------------------------------------------------------------------------------- interrupts


def test_ctrl_c_ends_the_wait_for_a_turn(build: Any) -> None:
    n, began, go = kg.shared(0, "n"), threading.Event(), threading.Event()

    @kg.as_op(itypes=[T.lscalar], otypes=[T.lscalar])
    def slow(x: Any) -> Any:
        began.set()
        assert go.wait(20)
        return np.array(x)

    f = build([], [], updates=[(n, slow(n) + 1)])
    thread = threading.Thread(target=f)
    thread.start()
    assert began.wait(10)
    threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        f()
    assert time.monotonic() - start < 10
    go.set()
    thread.join()
    f()
    assert n.get_value() == 2


def interrupted_at(call: Callable[[], Any], moment: int) -> int:
    """Call with a KeyboardInterrupt at an instruction, counted from 0; how many were counted."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith((PACKAGE, "<generated")):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            count += 1
            if count == moment + 1:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    gc.disable()  # or what goes away here, from other tests, would be interrupted as well
    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
        gc.enable()
    return count


class Interrupted:
    """A function with three updates, an op in Python and a default, and all that it keeps."""

    def __init__(self, target: str) -> None:
        self.vector, self.n = kg.shared(np.zeros(3), "vector"), kg.shared(0, "n")
        self.stream = RandomStreams(3)
        x = T.lscalar("x")
        sample = self.stream.uniform((2,))
        self.f = kg.function(
            [kg.In(x, value=0, update=x + 1, name="x")],
            [sample, x],
            updates=[(self.vector, self.vector + 1), (self.n, same_number(self.n) + 1)],
            target=target,
        )
        self.count = interrupted_at(self.f, 10**9)
        self.expected = self.kept()[1:]

    def kept(self) -> tuple[Any, ...]:
        state, _ = self.stream.state_updates[0]
        position = state.get_value(borrow=True).get_state()[2]
        return position, *self.vector.get_value(), int(self.n.get_value()), int(self.f["x"])

    def interrupt(self, moment: int) -> None:
        before = self.kept()
        interrupted_at(self.f, moment)
        after = self.kept()
        drawn = before[0] % 624 + 4  # NumPy's generator has 624 numbers at a time
        assert after in (before, (drawn, *(v + 1 for v in before[1:])))
        in_threads(self.f, seconds=10)  # nobody waits for a call that was interrupted
        assert self.kept()[-1] == after[-1] + 1


_interrupted: dict[str, Interrupted] = {}


def subject(target: str) -> Interrupted:
    if target not in _interrupted:
        _interrupted[target] = Interrupted(target)
    return _interrupted[target]


@pytest.mark.parametrize("target", ["python", "interpret"])
@given(share=st.floats(0, 1, exclude_max=True))
def test_an_interrupt_at_any_instruction_leaves_all_or_nothing(target: str, share: float) -> None:
    found = subject(target)
    found.interrupt(int(share * found.count))


def test_what_stores_values_from_outside_is_all_or_nothing() -> None:
    streams, mrg = RandomStreams(1), MRG_RandomStreams(1)
    drawn = [streams.uniform((2,)), streams.normal((2,)), mrg.uniform((2,), nstreams=2)]
    drawn.append(mrg.uniform((2,), nstreams=2))
    f = kg.function([], drawn, target="interpret")
    w = kg.shared(np.zeros(3), "w")
    g = kg.function([], w, target="interpret")

    def kept() -> tuple[Any, ...]:
        states = [v.get_value(borrow=True) for v, _ in streams.state_updates]
        numbers = [v.get_value(borrow=True) for v, _ in mrg.state_updates]
        return (*(int(s.get_state()[1][0]) for s in states), *map(np.sum, numbers), mrg.rstate)

    def weights() -> tuple[Any, ...]:
        return tuple(w.get_value())

    for change, look in (
        (streams.seed, kept),
        (mrg.seed, kept),
        (lambda number: w.set_value(np.full(3, number)), weights),
        (lambda number: g.__setitem__("w", np.full(3, number)), weights),
    ):
        change(2)
        wanted = look()
        change(1)
        before = look()
        assert wanted != before
        for moment in range(interrupted_at(partial(change, 1), 10**9)):
            interrupted_at(partial(change, 2), moment)
            assert look() in (before, wanted)
            change(1)
    assert len(f()) == 4


@given(st.floats(1e-5, 2e-3))
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("target", WAYS)
def test_an_interrupt_at_any_time_leaves_all_or_nothing(target: str, delay: float) -> None:
    found = timed(target)
    until_interrupted(found.f, delay)
    a, b, c = (int(v.get_value().sum()) for v in found.kept)
    assert a == b == c


def until_interrupted(call: Callable[[], Any], delay: float) -> None:
    gc.disable()  # Hypothesis is called by it, and would be what is interrupted
    try:
        signal.setitimer(signal.ITIMER_REAL, delay)
        while True:
            call()
    except KeyboardInterrupt:
        gc.enable()


class Timed:
    """Three variables that every call makes one larger."""

    def __init__(self, build: Callable[..., Any]) -> None:
        self.kept = [kg.shared(np.zeros((), "int64"), name) for name in "abc"]
        updates = [(v, same_number(v) + 1) for v in self.kept]
        self.f = build([], [], updates=updates)


_timed: dict[str, Timed] = {}


def timed(target: str) -> Timed:
    if target not in _timed:
        with pytest.MonkeyPatch.context() as patch:
            _timed[target] = Timed(builder(target, patch))
    return _timed[target]


@pytest.fixture(autouse=True)
def alarms_are_interrupts() -> Iterator[None]:
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


# ------------------------------------------------------------------------------------------ forking


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_waits_for_nobody_who_stayed_behind(build: Any) -> None:
    n, began, go = kg.shared(0, "n"), threading.Event(), threading.Event()

    @kg.as_op(itypes=[T.lscalar], otypes=[T.lscalar])
    def slow(x: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            began.set()
            assert go.wait(20)
        return np.array(x)

    f = build([], [], updates=[(n, slow(n) + 1)])
    thread = threading.Thread(target=f)
    thread.start()
    assert began.wait(10)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        f()
        os._exit(0 if n.get_value() == 1 else 3)
    go.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
    assert n.get_value() == 1
