import re
from collections.abc import Callable, Sequence

import pytest

import kernelgraph.tensor as T
from kernelgraph.graph import Constant, Graph, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast, lt, maximum, switch
from kernelgraph.ops.choice import ifelse
from kernelgraph.ops.contraction import dot
from kernelgraph.ops.functions import exp, log, sigmoid
from kernelgraph.ops.moments import mean
from kernelgraph.ops.reductions import all_, any_, max_and_argmax, sum_
from kernelgraph.viz.text.latex import MOST_NODES, latex, leaf_formula, name_latex

MakeTensor = Callable[..., Variable]


@pytest.fixture
def abc(tensor: MakeTensor) -> Sequence[Variable]:
    return [tensor(name, None) for name in "abc"]


def assert_well_formed(text: str) -> None:
    """Brackets of every kind come in pairs, and nothing ends the formula."""
    bare = re.sub(r"\\[^a-zA-Z]", "", text)
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text))
    assert len(re.findall(r"\\begin\b", text)) == len(re.findall(r"\\end\b", text))
    assert not set(bare) & set("$#%~")


def test_operators_are_written_as_people_write_them(abc: Sequence[Variable]) -> None:
    a, b, c = abc
    assert latex(a + b * c) == r"a + b \cdot c"
    assert latex((a + b) * c) == r"\left(a + b\right) \cdot c"
    assert latex(a - (b - c)) == r"a - \left(b - c\right)"
    assert latex(a / (b + 1)) == r"\frac{a}{b + 1}"
    assert latex(-(a * b)) == r"-a \cdot b"
    assert latex(exp(a) ** 2) == r"\left(e^{a}\right)^{2}"
    assert latex(sigmoid(a) ** 2) == r"\sigma\left(a\right)^{2}"
    assert latex(log(a * b)) == r"\log \left(a \cdot b\right)"
    assert latex(maximum(a, b)) == r"\max\left(a, b\right)"


def test_sums_and_products(tensor: MakeTensor, abc: Sequence[Variable]) -> None:
    a, b, _ = abc
    matrix = tensor("W", None, None)
    assert latex(sum_(a * b)) == r"\sum a \cdot b"
    assert latex(sum_(a) + 1) == r"\sum a + 1"
    assert latex(sum_(matrix, axis=0)) == r"\sum_{0} W"
    assert latex(any_(lt(a, b))) == r"\bigvee \left(a < b\right)"
    assert latex(all_(lt(matrix, 1.0), axis=1)) == r"\bigwedge_{1} W < 1"
    assert latex(dot(matrix, a)) == r"W\,a"
    assert latex(dot(matrix.T, a)) == r"W^{\top}\,a"
    assert latex(dot(a, b)) == r"a^{\top}\,b"
    assert latex(dot(matrix, dot(matrix, matrix))) == r"W\,\left(W\,W\right)"


def test_a_count_is_not_dressed_up(abc: Sequence[Variable]) -> None:
    assert latex(mean(abc[0])) == r"\frac{\sum a}{\operatorname{size}_{0}\left(a\right)}"
    assert latex(cast(abc[0], "int8")) == r"\mathrm{int8}\left(a\right)"


def test_indices_are_pythons(tensor: MakeTensor) -> None:
    x = tensor("x", None, None)
    k = tensor("k", dtype="int64")
    assert latex(x[0, ::-1]) == r"x\left[0, ::-1\right]"
    assert latex(x[k:, 1]) == r"x\left[k:, 1\right]"
    assert latex(x[:3]) == r"x\left[:3\right]"


def test_ops_without_a_notation_are_functions(abc: Sequence[Variable]) -> None:
    a, b, _ = abc
    assert (
        latex(max_and_argmax(a)[1]) == r"{\operatorname{max\_and\_argmax}_{0}\left(a\right)}_{[1]}"
    )
    assert latex(ifelse(lt(sum_(a), 0), a, b)).startswith(r"\operatorname{ifelse}\left(")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2, "2"),
        (-3, "-3"),
        (0.1, "0.1"),
        (1e-5, "10^{-5}"),
        (2.5e-7, r"2.5 \cdot 10^{-7}"),
        (float("inf"), r"\infty"),
        (float("-inf"), r"-\infty"),
        (float("nan"), r"\mathrm{nan}"),
        (True, r"\mathrm{true}"),
        (1e300, r"10^{300}"),
    ],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert latex(as_variable(number)) == text


def test_negative_numbers_are_bracketed_where_needed(abc: Sequence[Variable]) -> None:
    assert latex(abc[0] * -2) == r"a \cdot \left(-2\right)"
    assert latex(abc[0] * 2.5e-7) == r"a \cdot 2.5 \cdot 10^{-7}"
    assert latex(abc[0] / 2.5e-7 - 1) == r"\frac{a}{2.5 \cdot 10^{-7}} - 1"


def test_arrays_are_listed_or_bold(abc: Sequence[Variable]) -> None:
    assert latex(as_variable([1.0, 2.0])) == r"\left[1, 2\right]"
    assert latex(as_variable([float(k) for k in range(9)])) == r"\mathbf{c}"


def test_names_become_letters_with_an_index() -> None:
    assert [
        name_latex(name) for name in ("x", "alpha", "x1", "x_1", "w_new", "theta_max", "loss")
    ] == [
        "x",
        r"\alpha",
        "x_{1}",
        "x_{1}",
        r"w_{\mathrm{new}}",
        r"\theta_{\mathrm{max}}",
        r"\mathrm{loss}",
    ]


def test_hostile_names_are_letters_only(hostile: str, tensor: MakeTensor) -> None:
    x = tensor(hostile, None)
    assert_well_formed(latex(x + x**2))
    allowed = {"mathrm", "text", "backslash", "wedge", "sim", "lt", "gt", "backprime", "theta"}
    assert set(re.findall(r"\\([a-zA-Z]+)", name_latex(hostile))) <= allowed


def test_a_shared_part_gets_a_line_of_its_own(abc: Sequence[Variable]) -> None:
    shared = sigmoid(abc[0] * abc[1] + 1)
    assert latex(shared * (1 - shared)) == (
        r"\begin{aligned} t_{1} &= \sigma\left(a \cdot b + 1\right) \\ "
        r"&t_{1} \cdot \left(1 - t_{1}\right) \end{aligned}"
    )


def test_a_shared_part_keeps_the_name_it_has(abc: Sequence[Variable]) -> None:
    shared = exp(abc[0])
    shared.name = "growth"
    result = shared * shared
    result.name = "y"
    assert latex(result) == (
        r"\begin{aligned} \mathrm{growth} &= e^{a} \\ "
        r"y &= \mathrm{growth} \cdot \mathrm{growth} \end{aligned}"
    )


def test_names_of_parts_do_not_clash_with_the_users(tensor: MakeTensor) -> None:
    shared = sigmoid(tensor("t_1", None) * tensor("b", None) + 1)
    assert r"\tau_{1} &=" in latex(shared * shared)


def test_an_output_that_is_a_part_is_written_once(abc: Sequence[Variable]) -> None:
    part = exp(abc[0])
    part.name = "p"
    result = part + 1
    result.name = "q"
    assert latex(part, result) == r"\begin{aligned} p &= e^{a} \\ q &= p + 1 \end{aligned}"


def test_long_formulas_are_cut_into_lines(tensor: MakeTensor) -> None:
    total = sum([exp(tensor(f"x{k}", None)) for k in range(60)], tensor("y", None))
    rows = latex(total).split(r"\\")
    assert len(rows) > 3
    assert max(map(len, rows)) < 400


def test_a_graph_with_a_million_paths_is_short(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(60):
        y = y + y
    assert len(latex(y)) < 3000


def test_a_formula_that_nobody_could_read_is_not_written(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(MOST_NODES + 1):
        y = exp(y)
    assert latex(y).startswith(rf"\text{{a formula of {MOST_NODES + 1} operations")


def test_every_row_of_several_outputs(logistic: Graph, golden: Callable[[str, str], None]) -> None:
    text = latex(*logistic.outputs)
    assert_well_formed(text)
    golden("viz/logistic.tex", text.replace(r"\\ ", "\\\\\n") + "\n")


def test_nameless_leaves_show_their_type(tensor: MakeTensor) -> None:
    assert latex(tensor(None, 3)) == r"\langle\mathrm{float64[3]}\rangle"
    constant = as_variable(2)
    assert isinstance(constant, Constant)
    assert leaf_formula(constant).text == "2"


def test_choices_are_cases(abc: Sequence[Variable]) -> None:
    a, b, _ = abc
    text = latex(switch(lt(a, b), a, b) * 2)
    assert text.startswith(r"\left(\begin{cases}a & a < b \\")
    assert_well_formed(text)


def test_a_small_formula_is_one_line_and_a_large_one_has_parts(tensor: MakeTensor) -> None:
    for nodes in (1, 20, 40, 41, 100, MOST_NODES):
        for op in (exp, sigmoid, lambda y: y + y, lambda y: -y):
            y = tensor("x", None)
            for _ in range(nodes):
                y = op(y)
            text = latex(y)
            assert max(map(len, text.split(r"\\"))) <= 2000
            if nodes > 40:
                assert r"t_{1} &= " in text, nodes


def test_joins_and_updates() -> None:
    x, y, m, i = T.dvector("x"), T.dvector("y"), T.dmatrix("m"), T.lvector("i")
    joined = T.concatenate([x, y * 2])
    assert latex(joined) == r"\operatorname{join}_{0}\left(x, y \cdot 2\right)"
    assert latex(T.pad(m, 1)) == r"\operatorname{pad}\left(m\right)"
    update = T.set_subtensor(x[1:4], y)
    assert latex(update) == r"\operatorname{set\_subtensor}\left(x\left[1:4\right], y\right)"
    assert r"\operatorname{inc\_subtensor}" in latex(T.inc_subtensor(m[i], y))
    slope = latex(T.grad(joined.sum(), y))
    assert r"1\left[\operatorname{size}_{0}\left(x\right):\operatorname{size}_{0}" in slope
