"""What errors about memory, shapes of arguments, graphs and gradients say: the code, the variables
by name with dtypes and sizes, the user's expression, and what to try. A row for each case H-34 to
H-65 of the project's catalogue that ends in an error or a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import KernelgraphError
from kernelgraph.theano.modes import Mode

pytestmark = pytest.mark.usefixtures("cache_of_this_run")

weights, scores, rate = T.dvector("weights"), T.dmatrix("scores"), T.dscalar("rate")
labels, n = T.ivector("labels"), T.lscalar("n")
total = kg.shared(np.zeros(3), "total")
fixed = T.tensor("float64", (None, 3), "fixed")
cost = (weights**2).sum()
cost.name = "cost"
MANY = 2**62
anything: Any = np
"""NumPy, whose declarations know no symbols."""

some: Any = weights
interpret: Any = kg.interpret


def interpreted(inputs: Any, outputs: Any = None, **options: Any) -> Any:
    return kg.function(inputs, outputs, target="interpret", **options)


doubled = interpreted([weights], weights * 2, name="doubled")
scaled = interpreted([weights, kg.In(rate, value=2.0)], weights * rate, name="scaled")


class Wrong(kg.Op):
    """An op of the user's that makes, and says of its gradient, what it is told to."""

    def __init__(self, made: Any, slope: Any = None) -> None:
        self.made, self.slope = made, slope

    def make_node(self, x: Any) -> Any:
        return kg.Apply(self, [x], [T.dvector("made")])

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        outputs[0][0] = self.made

    def grad(self, inputs: Any, gradients: Any) -> Any:
        return self.slope


halved: Any = kg.as_op([weights.type], [weights.type])(lambda v: v / 2)


class Lying:
    """It offers a million numbers, and no memory that is known to have them."""

    __array_interface__ = {"shape": (10**6,), "typestr": "<f8", "data": (4096, False), "version": 3}  # noqa: RUF012


def branch(x: Any) -> Any:
    return 1 if x > 0 else 2


def deep(leaf: Any, levels: int = 3000) -> Any:
    for _ in range(levels):
        leaf = [leaf]
    return leaf


@dataclass
class Case:
    """What somebody does, and what the error must say of it; the caret stands under `at`."""

    row: str
    code: str
    do: Callable[[], Any]
    says: tuple[str, ...]
    at: str = ""


RAGGED = [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3]]
MASKED: Any = np.ma.masked_array([1.0, 2.0], [False, True])

CASES = [
    Case(
        "H-36",
        "KG-G004",
        lambda: doubled(np.ones(3), out=np.ones(3)),
        ("unknown input 'out'", "doubled(weights: float64[?])"),
        "doubled(np.ones(3), out=np.ones(3))",
    ),
    Case(
        "H-36",
        "KG-G011",
        lambda: anything.exp(weights, out=np.ones(3)),
        ("numpy.exp", "weights (float64[?])", "Try:  leave out out="),
        "anything.exp(weights, out=np.ones(3))",
    ),
    Case(
        "H-39",
        "KG-G006",
        lambda: kg.function([], updates=[(total, total + 1), (total, total * 2)]),
        ("total (float64[?]) has two updates", "Try:  combine them", "the old values"),
    ),
    Case(
        "H-41",
        "KG-M001",
        lambda: interpreted([n], T.zeros((n, n)) + 1)(MANY),
        ("float64[?, ?]", "Try:  check the sizes"),
        "T.zeros((n, n))",
    ),
    Case(
        "H-43",
        "KG-S005",
        lambda: interpreted([fixed], fixed * 2)(np.ones((2, 4))),
        ("argument 0 'fixed'", "dimension 1", "to have size 3", "(2, 4)"),
    ),
    Case(
        "H-43",
        "KG-G030",
        lambda: kg.function([], fixed * 2, givens={fixed: np.ones((2, 4))}),
        ("fixed (float64[?, 3])", "float64[2, 4]", "dimension 1", "size 3, not 4"),
    ),
    Case(
        "H-43",
        "KG-S005",
        lambda: kg.function([kg.In(fixed, value=np.ones((2, 4)))], fixed * 2),
        ("the default of fixed (float64[?, 3])", "size 3", "(2, 4)"),
    ),
    Case(
        "H-43",
        "KG-D008",
        lambda: kg.function([scores], updates=[(total, scores)]),
        ("total (float64[?])", "scores (float64[?, ?])", 'T.dmatrix("scores")'),
    ),
    Case(
        "H-44",
        "KG-D002",
        lambda: doubled(RAGGED),
        ("argument 0 'weights' of doubled", "row 2 has 3 items, row 0 has 4 items"),
        "doubled(RAGGED)",
    ),
    Case("H-44", "KG-D002", lambda: weights * RAGGED, ("row 2 has 3 items",), "weights * RAGGED"),
    Case(
        "H-44",
        "KG-D002",
        lambda: total.set_value(None),
        ("total: expected an array", "NoneType"),
        "total.set_value(None)",
    ),
    Case(
        "H-45",
        "KG-D006",
        lambda: doubled(MASKED),
        ("argument 0 'weights' of doubled", "mask", "Try:  .filled(...)"),
        "doubled(MASKED)",
    ),
    Case(
        "H-45",
        "KG-G010",
        lambda: MASKED + weights,
        ("weights (float64[?])", "Try:"),
        "MASKED + weights",
    ),
    Case(
        "H-46",
        "KG-D007",
        lambda: doubled(Lying()),
        ("argument 0 'weights' of doubled", "names an address"),
        "doubled(Lying())",
    ),
    Case(
        "H-48",
        "KG-G001",
        lambda: kg.function([weights], weights * rate),
        ("rate (float64)", "Try:  add rate to the list of inputs"),
        'T.dscalar("rate")',
    ),
    Case(
        "H-48",
        "KG-G001",
        lambda: kg.function([], updates=[(total, total * rate)]),
        ("rate (float64)", "givens="),
        'T.dscalar("rate")',
    ),
    Case(
        "H-49",
        "KG-G002",
        lambda: kg.function([weights, rate], weights * 2),
        ("input 1, rate (float64)", 'Try:  on_unused_input="ignore"'),
        'T.dscalar("rate")',
    ),
    Case(
        "H-50",
        "KG-G003",
        lambda: kg.function([weights, rate, weights], weights * rate),
        ("weights (float64[?])", "positions 0 and 2"),
    ),
    Case(
        "H-51",
        "KG-G004",
        lambda: scaled([1.0], rat=1.0),
        ("unknown input 'rat'", "scaled(weights: float64[?], rate: float64 = 2.0)"),
    ),
    Case(
        "H-52",
        "KG-G010",
        lambda: branch(rate),
        ("gt (bool)", "Try:  return kg.ifelse(x > 0, 1, 2)"),
        "x > 0",
    ),
    Case(
        "H-52",
        "KG-G010",
        lambda: 3 in some,
        ("whether 3 is in weights (float64[?])", "Try:  T.any(T.eq(x, item))"),
        "3 in some",
    ),
    Case("H-52", "KG-G010", lambda: [*weights], ("weights (float64[?])", "Try:  kg.scan")),
    Case(
        "H-53",
        "KG-G011",
        lambda: anything.unwrap(weights),
        ("numpy.unwrap", "weights (float64[?])", "Try:"),
        "anything.unwrap(weights)",
    ),
    Case(
        "H-53",
        "KG-G010",
        lambda: anything.vectorize(lambda v: v)(weights),
        ("weights (float64[?])", "Try:"),
        "anything.vectorize(lambda v: v)(weights)",
    ),
    Case(
        "H-54",
        "KG-G020",
        lambda: T.grad(T.exp(scores), scores),
        (
            "the result of exp (float64[?, ?]) has 2 dimensions",
            "Try:  take cost.sum() or cost.mean()",
        ),
        "T.grad(T.exp(scores), scores)",
    ),
    Case(
        "H-55",
        "KG-G021",
        lambda: T.grad(cost, rate),
        (
            "rate (float64)",
            "no part of cost (float64)",
            'Try:  grad(…, disconnected_inputs="ignore")',
        ),
    ),
    Case(
        "H-55",
        "KG-G021",
        lambda: T.grad(cost, T.dvector("weights")),
        ("another symbol with this name",),
    ),
    Case(
        "H-55",
        "KG-G021",
        lambda: T.grad((T.cast(weights, "int32") * rate).sum(), weights),
        ("weights (float64[?])", "the result of cast{int32} (int32[?]), on its way to the cost"),
    ),
    Case(
        "H-55",
        "KG-G021",
        lambda: T.grad(rate * weights.shape[0], weights),
        ("size{0} (int64), on its way",),
    ),
    Case(
        "H-56",
        "KG-G022",
        lambda: T.grad((halved(weights) * weights).sum(), weights),
        ("has no derivative",),
        "halved(weights)",
    ),
    Case(
        "H-62",
        "KG-G030",
        lambda: kg.clone(weights * 2, {weights: scores}),
        ("weights (float64[?])", "scores (float64[?, ?])", "Try:"),
    ),
    Case(
        "H-62",
        "KG-G030",
        lambda: kg.function([scores], weights * 2, givens={weights: scores}),
        ("givens", "weights (float64[?]) has 1 dimensions, scores (float64[?, ?]) has 2", "Try:"),
    ),
    Case(
        "H-64",
        "KG-V014",
        lambda: interpreted([weights], Wrong(None)(weights))([1.0]),
        ("Wrong made nothing", "made (float64[?])", "Try:  say in make_node"),
        "Wrong(None)(weights)",
    ),
    Case(
        "H-64",
        "KG-V014",
        lambda: kg.function([weights], Wrong([1.0])(weights), target="c")([1.0]),
        ("Wrong made the list [1.0]", "made (float64[?])"),
        "Wrong([1.0])(weights)",
    ),
    Case(
        "H-64",
        "KG-V014",
        lambda: kg.function([weights], Wrong("a")(weights), target="python")([1.0]),
        ("Wrong made 'a'", "made (float64[?])"),
        'Wrong("a")(weights)',
    ),
    Case(
        "H-64",
        "KG-G020",
        lambda: T.grad(Wrong(None)(weights).sum(), weights),
        ("Wrong: grad returned None for 1 operands", "Try:"),
        "Wrong(None)(weights)",
    ),
    Case(
        "H-64",
        "KG-G020",
        lambda: T.grad(Wrong(None, [scores])(weights).sum(), weights),
        ("grad returned scores (float64[?, ?]) for the operand weights (float64[?])", "Try:"),
    ),
    Case(
        "H-65",
        "KG-N001",
        lambda: kg.function([weights], T.exp(T.log(weights)), mode=kg.NanGuardMode())([2, -1]),
        ("the result of log (float64[?]) has 1 NaN of 2", "weights (float64[?]) from -1 to 2"),
        "T.log(weights)",
    ),
    # arguments that no call has
    Case("range", "KG-D002", lambda: weights[range(10**12)], ("too many numbers",)),
    Case("range", "KG-D002", lambda: weights[range(10**30)], ("too many numbers",)),
    Case("deep", "KG-D007", lambda: weights[deep(1)], ("list",), "weights[deep(1)]"),
    Case("deep", "KG-D007", lambda: T.constant(deep(1)), ("list",), "T.constant(deep(1))"),
    Case("deep", "KG-S008", lambda: T.as_tensor_variable(deep(rate)), ("more than 64 deep",)),
    Case("deep", "KG-S008", lambda: T.stacklists(deep(1.0)), ("more than 64 deep",)),
    Case(
        "integer",
        "KG-G012",
        lambda: Mode(optimizer=10**5000),
        ("optimizer", "an integer of 16610 bits"),
    ),
    Case(
        "watch",
        "KG-G004",
        lambda: interpret(doubled.graph, [np.ones(2)], watch=int),
        ("watch cannot be called with (node, operands, run)",),
    ),
    Case(
        "watch",
        "KG-G004",
        lambda: interpret(doubled.graph, [np.ones(2)], watch=lambda *_: 1),
        ("watch must return a list with a value for each output", "not 1", "Try:"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row)
def test_what_an_error_says(case: Case) -> None:
    with pytest.raises(KernelgraphError) as caught:
        case.do()
    error = caught.value
    text = str(error)
    assert error.code == case.code, text
    for words in case.says:
        assert words in text, f"{words!r} is missing in:\n{text}"
    place = error.places[0]
    assert place.filename == __file__, text
    assert "^" in text
    if case.at:
        assert place.text[place.column : place.end_column] == case.at


def test_every_row_that_ends_in_an_error_has_a_text() -> None:
    """The others (H-34, 35, 37, 38, 40, 42, 47, 57 to 61) end in numbers; H-63 is below."""
    rows = {case.row for case in CASES}
    assert rows >= {f"H-{k}" for k in (36, 39, 41, *range(43, 47), *range(48, 57), 62, 64, 65)}


x = T.alloc(weights[0], n)
UNCOUNTED: list[tuple[str, Any, int, str]] = [
    ("reshape", (weights.reshape((n, 4)) * 2).sum(), MANY + 1, "cannot reshape weights"),
    ("rest", (weights.reshape((n, 4, -1)) + 1).sum(axis=0), MANY + 1, "cannot reshape weights"),
    (
        "scan",
        kg.scan(lambda w: (weights * w).reshape((n, 4)).sum(), weights)[0],
        MANY + 1,
        "cannot reshape the result of mul (float64[?])",
    ),
    ("pad", T.pad(weights, n) + 1.0, 2 * MANY - 1, "weights (float64[?]), padded, would have more"),
    ("two joined", T.concatenate([x] * 2) * 2, MANY, "joined would have more"),
    ("five joined", T.concatenate([x] * 4 + [weights]) * 2, MANY, "joined would have more"),
]
"""Results whose sizes, or numbers of elements, wrap around to those of other arrays."""


@pytest.mark.parametrize("target", ["interpret", "python", "c"])
@pytest.mark.parametrize(("name", "out", "size", "words"), UNCOUNTED, ids=lambda v: str(v)[:12])
def test_h41_what_cannot_be_counted_is_not_taken_for_something_small(
    name: str, out: Any, size: int, words: str, target: str
) -> None:
    f = kg.function([weights, n], out, target=target)
    with pytest.raises(KernelgraphError) as caught:
        f(np.arange(4.0), size)
    text = str(caught.value)
    assert __file__.rpartition("/")[2] in text
    if caught.value.code == "KG-M001":
        assert (target == "c", "joined" in name) == (False, True), text  # of its parts, in NumPy
        words = "Try:  check the sizes"
    else:
        assert caught.value.code == "KG-S020", text
    assert words in text


@pytest.mark.parametrize("sizes", [(2, 2, 0), (0, 0, 0), (1, 4, 0), (4, 1, 0), (3, 1, 1)])
def test_h41_sizes_that_can_be_counted_stay_as_they_are(sizes: tuple[int, int, int]) -> None:
    a, b, c = (T.dvector(name) for name in "abc")
    f = kg.function(
        [a, b, c], [T.concatenate([a, b, c]) * 2, T.concatenate([a, b[:2], c, a]), T.pad(a, 2)]
    )
    values = [np.arange(float(size)) for size in sizes]
    first, second, padded = f(*values)
    np.testing.assert_array_equal(first, 2 * np.concatenate(values))
    np.testing.assert_array_equal(
        second, np.concatenate([values[0], values[1][:2], values[2], values[0]])
    )
    np.testing.assert_array_equal(padded, np.pad(values[0], 2))


def test_h63_a_rule_that_raises_is_named_at_the_users_line() -> None:
    @kg.rule(changes="rounding")
    def breaks(v: Any) -> tuple[Any, Any]:
        """It cannot be followed."""
        return T.sin(v), lambda: v[1 // 0]

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        f = interpreted([weights], T.sin(weights), rules=[breaks])
        kg.function([weights], T.sin(weights), rules=[breaks], target="c")
    found = [w for w in told if "KG-O001" in str(w.message)]
    assert found
    for warning in found:
        assert "breaks is switched off" in str(warning.message)
        assert "ZeroDivisionError" in str(warning.message)
        assert warning.filename == __file__
    np.testing.assert_allclose(f([1.0]), np.sin([1.0]))
