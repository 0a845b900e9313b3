"""`%%symfunc`, as cells of a notebook."""

from __future__ import annotations

import re
import warnings
from importlib import import_module

import numpy as np
import pytest

from kernelgraph.c.target import CTarget
from kernelgraph.errors import ArgumentError, CompileError, KernelgraphError
from kernelgraph.function import Function

from .conftest import Notebook, Ran


def cell(*lines: str) -> str:
    return "\n".join(lines)


def usage_error(ran: Ran) -> str:
    """The one line that a wrong use of the magic ends with."""
    assert type(ran.error).__name__ == "UsageError"
    assert "Traceback" not in ran.stdout + ran.stderr
    message = str(ran.error)
    assert ran.stderr == f"UsageError: {message}\n"
    assert "\n" not in message
    return message


def last_frame(ran: Ran) -> str:
    """The line that the last frame of a traceback points at."""
    return re.findall(r"^-+> ([0-9]+ .*)$", ran.stdout, re.MULTILINE)[-1]


# What it makes -----------------------------------------------------------------------------------


def test_the_function_is_bound_and_shown(notebook: Notebook) -> None:
    ran = notebook.run(
        cell(
            "%%symfunc f(x: dvector, w: dvector, lr=0.1) -> cost, g",
            "z = lr * x * w",
            "cost = (z * z).sum()",
            "g = grad(cost, w)",
        )
    )

    assert ran.error is None
    assert isinstance(ran.value, Function)
    assert notebook["f"] is ran.value
    x, w = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    cost, g = ran.value(x, w, 0.5)
    assert cost == pytest.approx(((0.5 * x * w) ** 2).sum())
    np.testing.assert_allclose(g, 2 * 0.25 * x * x * w)
    np.testing.assert_allclose(ran.value(x, w)[0], ((0.1 * x * w) ** 2).sum())
    np.testing.assert_allclose(ran.value(x, w=w, lr=1.0)[0], ((x * w) ** 2).sum())


def test_the_last_expression_is_the_output(notebook: Notebook) -> None:
    notebook.run("%%symfunc f(x: dvector)\ny = x + 1\n(y * y).sum()")
    assert notebook["f"]([1.0, 2.0]) == 13.0


def test_a_last_expression_of_several_values_gives_several_outputs(notebook: Notebook) -> None:
    notebook.run("%%symfunc f(x)\nx + 1, x * 2")
    assert notebook["f"](3.0) == [4.0, 6.0]


@pytest.mark.parametrize(
    ("statement", "result"),
    [
        ("y = x + 1", 4.0),
        ("y: object = x + 1", 4.0),
        ("x += 1", 4.0),
        ("z = y = x + 1", 4.0),
        ("y, z = x + 1, x * 2", [4.0, 6.0]),
    ],
)
def test_without_an_expression_the_last_assignment_is_the_output(
    notebook: Notebook, statement: str, result: object
) -> None:
    notebook.run(f"%%symfunc f(x)\n{statement}")
    assert notebook["f"](3.0) == result


def test_a_parameter_may_be_an_output(notebook: Notebook) -> None:
    notebook.run("%%symfunc f(x) -> x, y\ny = -x")
    assert notebook["f"](3.0) == [3.0, -3.0]


def test_the_body_sees_the_notebook_and_leaves_nothing_behind(notebook: Notebook) -> None:
    notebook.run("import kernelgraph as kg\ntwo = 2.0\ndef twice(v): return two * v")
    notebook.run("w = kg.shared(10.0, name='w')")
    notebook.run(
        cell(
            "%%symfunc f(x) -> y",
            "doubled = [twice(v) for v in (x, w)]",
            "def add_up(vs):",
            "    return vs[0] + vs[1] + two",
            "y = add_up(doubled)",
        )
    )

    assert notebook["f"](1.0) == 24.0
    assert not {"x", "y", "doubled", "add_up"} & set(notebook.shell.user_ns)


def test_symbols_are_called_what_the_body_calls_them(notebook: Notebook) -> None:
    notebook.run("import kernelgraph.tensor as T\nv = T.dscalar('v')\nmine = v + 1")
    notebook.run(
        cell("%%symfunc f(x) -> y, alias", "z = exp(x)", "y = z * z", "alias = y", "theirs = mine")
    )
    graph = notebook["f"].graph

    assert [output.name for output in graph.outputs] == ["y", "y"]
    assert [operand.name for operand in graph.outputs[0].owner.inputs] == ["z", "z"]
    assert notebook["mine"].name is None, "it was made elsewhere"


def test_names_of_the_notebook_go_before_those_of_the_tensor_language(notebook: Notebook) -> None:
    notebook.run("def sqr(v): return v + 100")
    notebook.run("%%symfunc f(x)\nsqr(x)")
    assert notebook["f"](1.0) == 101.0


def test_a_default_may_be_a_name_of_the_notebook(notebook: Notebook) -> None:
    notebook.run("start = [1.0, 2.0]")
    notebook.run("%%symfunc f(x: dvector = start)\nx.sum()")
    assert notebook["f"]() == 3.0
    assert notebook["f"]([5.0]) == 5.0


# Options -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_the_target_can_be_chosen(notebook: Notebook, target: str) -> None:
    ran = notebook.run(f"%%symfunc f(x: dvector) --target {target}\n(x * x).sum()")
    assert ran.error is None
    assert notebook["f"].target == target
    assert notebook["f"]([3.0, 4.0]) == 25.0


def test_quiet_shows_nothing(notebook: Notebook) -> None:
    ran = notebook.run("%%symfunc f(x) -q\nx + 1")
    assert ran.value is None
    assert ran.stdout == ""
    assert notebook["f"](1.0) == 2.0


def test_help_lists_the_options(notebook: Notebook) -> None:
    ran = notebook.run("%%symfunc?")
    for text in (
        "--target",
        "c,cuda,cuda-sim,cuda-check,python,interpret",
        "-q, --quiet",
        "f(x: dvector",
    ):
        assert text in ran.stdout
    for option in notebook.shell.find_cell_magic("symfunc").parser._option_string_actions:
        assert option in ran.stdout


@pytest.fixture
def broken_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> None:
        raise CompileError("the compiler is out to lunch", code="KG-K001")

    monkeypatch.setattr(CTarget, "build", build)
    monkeypatch.setattr(import_module("kernelgraph.function"), "_said", [])


def test_without_a_working_compiler_numpy_does_it_with_one_warning(
    notebook: Notebook, broken_compiler: None
) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        first = notebook.run("%%symfunc f(x: dvector)\n(x * x).sum()")
        notebook.run("%%symfunc g(x: dvector)\nx.sum()")

    assert first.error is None
    assert notebook["f"]([3.0, 4.0]) == 25.0
    assert notebook["g"].target == "interpret"
    assert len(heard) == 1
    assert "out to lunch" in str(heard[0].message)


def test_with_c_asked_for_a_broken_compiler_is_an_error(
    notebook: Notebook, broken_compiler: None
) -> None:
    ran = notebook.run("%%symfunc f(x: dvector) --target c\n(x * x).sum()")
    assert isinstance(ran.error, CompileError)
    assert "f" not in notebook


# Wrong use ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "a signature is missing, for example"),
        ("f(x: dvektor)", "did you mean dvector?"),
        ("f(x, lr=rate)", "the default of lr is rate, which is not defined"),
        ("f(x) --target fortran", "argument --target: invalid choice: 'fortran'"),
        ("f(x) --fast", "unrecognized arguments: --fast"),
        ("f(x) -> z", "the signature promises z, but the body binds no such name"),
        ("-q f(x)", "the signature comes first"),
        ("f(x", "cannot read the signature"),
        ("f(x) --target", "expected one argument"),
        ("f(x) --target 'c", "No closing quotation"),
    ],
)
def test_a_wrong_first_line_is_one_line_of_explanation(
    notebook: Notebook, line: str, message: str
) -> None:
    ran = notebook.run(f"%%symfunc {line}\ny = x + 1")
    assert message in usage_error(ran)
    assert "f" not in notebook


@pytest.mark.parametrize("body", ["", "pass", "for v in (1, 2):\n    y = v", "y = x\ndel y"])
def test_a_body_that_ends_in_nothing_needs_named_outputs(notebook: Notebook, body: str) -> None:
    ran = notebook.run(f"%%symfunc f(x)\n{body}\n")
    assert "name the outputs in the signature" in usage_error(ran)


# Errors point at the cell's own lines ------------------------------------------------------------


def test_an_error_in_the_body_shows_its_line_and_none_of_ours(notebook: Notebook) -> None:
    number = notebook.next_number
    ran = notebook.run("%%symfunc f(x: dvector)\ny = x + 1\nz = undefined_name * y\nz.sum()")

    assert isinstance(ran.error, NameError)
    assert f"Cell In[{number}], line 3" in ran.stdout
    assert last_frame(ran) == "3 z = undefined_name * y"
    assert "magics.py" not in ran.stdout
    assert "cell.py" not in ran.stdout


def test_an_error_of_the_tensor_language_ends_at_the_cells_line(notebook: Notebook) -> None:
    number = notebook.next_number
    ran = notebook.run("%%symfunc f(x: f64[3], w: f64[4])\ny = x.T\ndot(x, w)")

    assert isinstance(ran.error, KernelgraphError)
    assert last_frame(ran) == "3 dot(x, w)"
    assert f"Cell In[{number}], line 3" in str(ran.error)
    assert not re.search(r"kernelgraph\W\w+\.py|kernelgraph\W\w+\W\w+\.py", ran.stdout)


def test_an_error_in_a_helper_of_the_body_shows_both_lines(notebook: Notebook) -> None:
    ran = notebook.run(
        cell("%%symfunc f(x: dvector)", "def helper(v):", "    return v / object()", "helper(x)")
    )
    assert re.findall(r"^-+> ([0-9]+) ", ran.stdout, re.MULTILINE)[1:] == ["4", "3"]


def test_a_syntax_error_has_the_cells_line_number(notebook: Notebook) -> None:
    number = notebook.next_number
    ran = notebook.run("%%symfunc f(x: dvector)\ny = x + 1\nz = = y\n")

    assert isinstance(ran.error, SyntaxError)
    assert ran.error.lineno == 3
    assert f"Cell In[{number}], line 3\n    z = = y" in ran.stdout
    assert "ast_parse" not in ran.stdout


def test_an_unused_input_is_shown_where_the_signature_declares_it(notebook: Notebook) -> None:
    number = notebook.next_number
    ran = notebook.run("%%symfunc f(x: dvector, λ: dscalar) -> y\ny = x + 1")

    assert f"Cell In[{number}], line 1" in str(ran.error)
    shown, carets = [line for line in str(ran.error).splitlines() if " | " in line]
    marked = slice(carets.index("^"), carets.rindex("^") + 1)
    assert shown[marked] == "λ: dscalar"


@pytest.mark.parametrize("target", ["c", "python", "interpret"])
def test_an_error_at_the_call_names_the_line_of_the_body(notebook: Notebook, target: str) -> None:
    number = notebook.next_number
    notebook.run(f"%%symfunc f(x: dvector, w: dvector) --target {target}\ny = 2 * x\ny * w")
    ran = notebook.run("f([1.0, 2.0, 3.0], [1.0, 2.0])")

    assert isinstance(ran.error, KernelgraphError)
    assert f"Cell In[{number}], line 3" in str(ran.error)


def test_a_wrong_argument_of_the_call_names_the_signature(notebook: Notebook) -> None:
    notebook.run("%%symfunc f(x: dvector, lr=0.1)\nx * lr")
    ran = notebook.run("f()")
    assert isinstance(ran.error, ArgumentError)
    assert "x: float64[?]" in str(ran.error)


def test_an_error_raised_later_by_python_code_of_the_body_points_into_it(
    notebook: Notebook,
) -> None:
    number = notebook.next_number
    notebook.run(
        cell(
            "%%symfunc f(x: dvector) -> y",
            "@as_op(itypes=[x.type], otypes=[x.type])",
            "def halve(values):",
            "    return values / missing_name",
            "y = halve(x)",
        )
    )
    ran = notebook.run("f([1.0])")

    assert f"Cell In[{number}], line 4" in ran.stdout
    assert "----> 4     return values / missing_name" in ran.stdout
