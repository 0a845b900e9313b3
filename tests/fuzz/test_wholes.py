"""Random programs over the whole language under all oracles. A failure names the seed:
`whole(seed)` is the program; what is shown is the smallest part of it that fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernelgraph as kg
from kernelgraph.rewrite.engine import rewrite
from kernelgraph.rewrite.rules.order import DEFAULT
from tests.fuzz.oracles import Oracle, outcome, rewriting_keeps_values, target_agrees
from tests.fuzz.shrink import shrink
from tests.fuzz.whole_oracles import (
    calls_are_clean,
    debug_mode_finds_nothing,
    exact_rules_keep_bits,
    gradients_agree,
    nothing_is_left_to_rewrite,
    updates_agree,
)
from tests.fuzz.wholes import Whole, joined, uses, whole
from tests.support import cases, hunting, quick_compiler

pytestmark = pytest.mark.usefixtures("any_numbers")

SEEDS = st.integers(0, 2**31)
TOGETHER = 15 if hunting() else 5
"""So many programs are one function: the C compiler runs once for all of them."""


@pytest.fixture(scope="module", autouse=True)
def compiler_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERNELGRAPH_CACHE", str(folder / "compiled"))
        patch.setenv("KERNELGRAPH_CC", quick_compiler(folder, "-O1" if hunting() else "-O0"))
        yield


def judge(made: Whole, oracle: Oracle) -> None:
    """Fail with the smallest part of a program that is wrong."""
    wrong = oracle(made.graph, made.values)
    if wrong:
        small, numbers = shrink(made.graph, made.values, oracle)
        operands = zip(small.inputs, numbers, strict=True)
        shown = "\n".join(f"{v} = {value!r}" for v, value in operands)
        pytest.fail(f"seed {made.seed}, {made.policy}: {wrong}\n\n{small}\n{shown}")


def judge_together(wholes: Sequence[Whole], oracle: Oracle) -> None:
    """One compilation for several programs; only where something is wrong, one for each."""
    if oracle(*joined(wholes)):
        for one in wholes:
            judge(one, oracle)
        pytest.fail(f"seeds {[one.seed for one in wholes]}: wrong only together")


REWRITTEN: tuple[Oracle, ...] = (
    rewriting_keeps_values(), exact_rules_keep_bits, nothing_is_left_to_rewrite,
)  # fmt: skip


@cases(20, 6000)
@given(SEEDS)
def test_rewriting_keeps_what_programs_compute(seed: int) -> None:
    made = whole(seed)
    for oracle in REWRITTEN:
        judge(made, oracle)


def _of_target(tested: int, hunted: int, target: str) -> Callable[[], None]:
    @cases(tested, hunted)
    @given(SEEDS)
    def test(first: int) -> None:
        wholes = [whole(seed) for seed in range(first, first + TOGETHER)]
        judge_together(wholes, target_agrees(target))
        judge_together(wholes, calls_are_clean(target))
        judge_together(wholes, updates_agree(target))

    return test


test_loops_in_python_compute_it = _of_target(1, 300, "python")
test_compiled_code_computes_it = _of_target(1, 200, "c")


@cases(10, 3000)
@given(SEEDS)
def test_gradients_are_those_of_differences(seed: int) -> None:
    judge(whole(seed, smooth=True), gradients_agree)


@cases(3, 400)
@given(SEEDS)
def test_debug_mode_finds_nothing(seed: int) -> None:
    judge(whole(seed), debug_mode_finds_nothing)


def test_programs_reach_the_language(request: pytest.FixtureRequest) -> None:
    """Programs are as long as they should be, all of them compute something, and few seeds are
    enough to draw most of the language. A hunt tells what is reached.
    """
    count = 2000 if hunting() else 40
    wholes = [whole(seed) for seed in range(count)]
    assert all(not isinstance(outcome(one.graph, one.values), str) for one in wholes)
    drawn: Counter[str] = sum((one.steps for one in wholes), Counter())
    sizes = sorted(len(one.graph.apply_nodes()) for one in wholes)
    names = {use.name for use in uses()}
    assert len(drawn) > (0.95 if hunting() else 0.4) * len(names)
    assert sizes[count // 2] > 10
    if hunting():
        _tell(wholes, names - set(drawn))


def _tell(wholes: Sequence[Whole], never: set[str]) -> None:
    fired: Counter[str] = Counter()
    ops: Counter[str] = Counter()
    for one in wholes:
        rewriting = rewrite(one.graph, DEFAULT)
        for part in (rewriting, *rewriting.inside):
            fired.update(part.counts())
        ops.update(node.op.name for node in one.graph.apply_nodes())
    silent = sorted(rule.name for rule in DEFAULT if not fired[rule.name])
    print(f"{len(wholes)} programs, {sum(ops.values())} nodes of {len(ops)} ops")
    print(f"never drawn: {sorted(never)}")
    print(f"{len(DEFAULT) - len(silent)} of {len(DEFAULT)} rules have fired; silent: {silent}")


def test_a_seed_is_one_program() -> None:
    for seed in range(3):
        assert repr(whole(seed).graph) == repr(whole(seed).graph)


def test_a_new_op_is_drawn_without_being_named() -> None:
    """The table is the language: what is public is in it."""
    names = {use.name for use in uses()}
    public = {op.name for op in kg.elementwise.OPS.values() if op.public}
    assert public <= names
    assert {"sort", "take", "windows", "nlinalg.svd", "slinalg.cholesky", "nnet.relu"} <= names
