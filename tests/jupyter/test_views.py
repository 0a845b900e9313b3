"""The line magics, as lines of a notebook."""

from __future__ import annotations

import pytest

from kernelgraph.viz.display import Shown
from kernelgraph.viz.kernels.viewer import SourceView
from kernelgraph.viz.stepper.view import Stepper

from .conftest import Notebook, Ran

PREPARE = """
import kernelgraph as kg
import kernelgraph.tensor as T
x, w = T.dvector("x"), T.dvector("w")
cost = T.sum(T.log(1 + T.exp(x * 1 * w)))
f = kg.function([x, w], cost)
number = 3
"""

MAGICS = ("symsteps", "symgraph", "symtree", "symgrad", "symsource")


@pytest.fixture
def prepared(notebook: Notebook) -> Notebook:
    assert notebook.run(PREPARE).error is None
    return notebook


def usage_error(ran: Ran) -> str:
    """The one line that a wrong use of a magic ends with."""
    assert type(ran.error).__name__ == "UsageError"
    message = str(ran.error)
    assert ran.stderr == f"UsageError: {message}\n"
    assert "\n" not in message
    return message


def test_symsteps_shows_the_steps(prepared: Notebook) -> None:
    ran = prepared.run("%symsteps f")
    assert isinstance(ran.value, Stepper)
    assert [step.rule for step in ran.value.steps][:1] == ["times_one"]
    assert "step 1 of " in ran.stdout


def test_symsteps_of_one_rule(prepared: Notebook) -> None:
    ran = prepared.run("%symsteps f --rule times_one")
    assert isinstance(ran.value, Stepper)
    assert ran.value.rule == "times_one"
    assert "log_one_plus_exp" not in ran.stdout


def test_symsteps_of_an_expression_with_times(prepared: Notebook) -> None:
    ran = prepared.run("%symsteps T.exp(x * 1) --times")
    assert isinstance(ran.value, Stepper)
    assert " µs" in ran.stdout


@pytest.mark.filterwarnings(r"ignore:\[KG-O001\] rewrite rule mine is refuted")
def test_a_rule_of_the_notebook_shows_with_its_line(prepared: Notebook) -> None:
    prepared.run(
        "@kg.rule\ndef mine(a):\n    '''Because I say so.'''\n    return T.sin(a), T.cos(a)\n"
        "g = kg.function([x], T.sin(x), mode=kg.get_mode(None).with_rules(mine))"
    )
    number = prepared.next_number - 1
    ran = prepared.run("%symsteps g")
    assert "mine, 1 node" in ran.stdout
    assert "Because I say so." in ran.stdout
    assert f"Cell In[{number}]:1, phase user" in ran.stdout
    assert f"your line: Cell In[{number}], line 5: g = kg.function(" in ran.stdout


def test_symgraph_shows_a_picture(prepared: Notebook) -> None:
    for thing in ("f", "cost", "f.graph", "x + w"):
        assert isinstance(prepared.run(f"%symgraph {thing}").value, Shown), thing


def test_symgraph_with_a_limit(prepared: Notebook) -> None:
    ran = prepared.run("%symgraph cost --limit 2")
    assert "too many" in ran.value._repr_html_()


def test_symtree_prints_a_tree(prepared: Notebook) -> None:
    ran = prepared.run("%symtree cost")
    assert ran.stdout.startswith("sum")
    assert "float64" not in ran.stdout
    assert "float64" in prepared.run("%symtree cost --types").stdout


def test_symgrad_shows_the_gradient(prepared: Notebook) -> None:
    one = prepared.run("%symgrad cost w").value
    both = prepared.run("%symgrad cost").value
    assert len(one.graph.outputs) == 1
    assert len(both.graph.outputs) == 2
    assert one.graph.inputs == (prepared["x"], prepared["w"])


def test_symsource_shows_the_source(prepared: Notebook) -> None:
    ran = prepared.run("%symsource f")
    assert isinstance(ran.value, SourceView)
    bundle = ran.value._repr_mimebundle_()
    assert "for (int64 " in bundle["text/plain"]
    assert bundle["text/html"].startswith('<div class="kg" data-kg="source" data-front="c"')
    only = prepared.run("%symsource f --language python").value
    assert "def kernel_0(" in only.text
    assert isinstance(prepared.run("%symsource cost").value, SourceView)
    assert isinstance(prepared.run("%symsource f.stages").value, SourceView)


@pytest.mark.parametrize("magic", MAGICS)
def test_each_says_what_it_does(prepared: Notebook, magic: str) -> None:
    ran = prepared.run(f"%{magic} -h")
    assert ran.error is None
    assert ran.value is None
    assert f"%{magic}" in ran.stdout
    assert "--help" in ran.stdout
    assert f"%{magic}" in prepared.run(f"%{magic}?").stdout


@pytest.mark.parametrize("magic", MAGICS)
def test_an_unknown_name_is_one_line(prepared: Notebook, magic: str) -> None:
    message = usage_error(prepared.run(f"%{magic} costs"))
    assert message == "there is nothing called costs in this notebook (did you mean cost?)"


@pytest.mark.parametrize("magic", MAGICS)
def test_no_name_is_one_line(prepared: Notebook, magic: str) -> None:
    assert "what shall be shown?" in usage_error(prepared.run(f"%{magic}"))


@pytest.mark.parametrize("magic", MAGICS)
def test_an_unknown_option_is_one_line(prepared: Notebook, magic: str) -> None:
    assert "--wrong" in usage_error(prepared.run(f"%{magic} f --wrong"))


@pytest.mark.parametrize("magic", MAGICS)
def test_what_has_no_graph_is_one_line(prepared: Notebook, magic: str) -> None:
    assert "got int" in usage_error(prepared.run(f"%{magic} number"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%symsteps f --rule nosuch", "no step is of 'nosuch': there are merge, fold, times_one, "),
        ("%symsteps f --rule", "expected one argument"),
        ("%symsteps f --rule 'times", "No closing quotation"),
        ("%symsteps 1 +", "1 + cannot be shown: "),
        ("%symgraph cost --limit many", "invalid int value"),
        ("%symsource f --language fortran", "no source is written in 'fortran'"),
        ("%symgrad x", "scalar"),
        ("%symgrad cost number", "wrt must be symbols, not 3"),
        ("%symgrad T.sum(kg.shared(1))", "it depends on no variable with a derivative"),
    ],
)
def test_a_mistake_is_one_line(prepared: Notebook, line: str, words: str) -> None:
    assert words in usage_error(prepared.run(line))
