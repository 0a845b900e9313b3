import io
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from kernelgraph.graph import Graph, Variable
from kernelgraph.ops.arithmetic import lt
from kernelgraph.ops.choice import ifelse
from kernelgraph.ops.functions import exp
from kernelgraph.ops.reductions import max_and_argmax, sum_
from kernelgraph.viz.text.tree import MOST_LINES, debugprint, tree_html, tree_text

MakeTensor = Callable[..., Variable]


def test_operands_stand_below_their_result(tensor: MakeTensor) -> None:
    x, y = tensor("x", None), tensor("y", None)
    z = x + y * x
    z.name = "z"
    assert tree_text(z).splitlines() == [
        "add [id A] 'z'",
        "├─ x [id B]",
        "└─ mul [id C]",
        "   ├─ y [id D]",
        "   └─ x [id B]",
    ]


def test_a_shared_part_is_printed_once(tensor: MakeTensor) -> None:
    shared = exp(tensor("x", None))
    assert tree_text(shared * shared).splitlines()[1:] == [
        "├─ exp [id B]",
        "│  └─ x [id C]",
        "└─ exp [id B] ···",
    ]


def test_types_are_printed_on_request(tensor: MakeTensor) -> None:
    text = tree_text(sum_(tensor("x", None, 3), axis=0), print_type=True)
    assert text == "sum{0} [id A] <float64[3]>\n└─ x [id B] <float64[?, 3]>"


def test_depth_cuts_and_says_so(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    assert tree_text(exp(exp(exp(x))), depth=2) == "exp [id A]\n└─ exp [id B] …"


@pytest.mark.parametrize(("ids", "mark"), [("CHAR", " [id A]"), ("int", " [id 0]"), ("", "")])
def test_ids_are_named_as_asked(ids: str, mark: str, tensor: MakeTensor) -> None:
    assert tree_text(tensor("x"), ids=ids) == f"x{mark}"  # type: ignore[arg-type]


def test_python_ids_are_those_of_the_objects(tensor: MakeTensor) -> None:
    x = tensor("x")
    assert tree_text(x, ids="id") == f"x [id {id(x)}]"


def test_unknown_ids_are_refused(tensor: MakeTensor) -> None:
    with pytest.raises(ValueError, match="CHAR"):
        tree_text(tensor("x"), ids="roman")  # type: ignore[arg-type]


def test_several_results_share_one_part(tensor: MakeTensor) -> None:
    largest, where = max_and_argmax(tensor("x", None, None), axis=0)
    lines = tree_text([where, largest]).splitlines()
    assert lines[0] == "max_and_argmax{0}.1 [id A]"
    assert lines[-1] == "max_and_argmax{0}.0 [id A] ···"


def test_graphs_inside_ops_follow(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    lines = tree_text(ifelse(lt(sum_(x), 0), x * 2, exp(x))).splitlines()
    inside = [index for index, line in enumerate(lines) if line == "inside ifelse [id A]:"]
    assert len(inside) == 2
    assert lines[inside[1] + 1].startswith("   exp ")


def test_new_values_of_shared_variables_are_marked(logistic: Graph) -> None:
    heads = [line for line in tree_text(logistic).splitlines() if line[0] not in "│├└ "]
    assert [head.partition(" → ")[2] for head in heads] == ["", "", "new w", "new b"]


def test_a_deep_graph_is_printed_without_recursion(tensor: MakeTensor) -> None:
    x = tensor("x", None)
    y = x
    for _ in range(100_000):
        y = exp(y)
    lines = tree_text(y).splitlines()
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == f"… {100_000 - MOST_LINES} more nodes; max_lines=None prints them all"
    assert max(map(len, lines)) < 150


def test_a_graph_with_a_million_paths_is_short(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(20):
        y = y + y
    assert len(tree_text(y).splitlines()) == 41


def test_all_lines_are_printed_when_asked(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(MOST_LINES + 10):
        y = exp(y)
    assert len(tree_text(y, max_lines=None).splitlines()) == MOST_LINES + 11


def test_it_prints_or_writes_or_returns(
    tensor: MakeTensor, capsys: pytest.CaptureFixture[str]
) -> None:
    x = tensor("x")
    assert debugprint(x) is None
    assert capsys.readouterr().out == "x [id A]\n"
    file = io.StringIO()
    debugprint(x, file=file)
    assert file.getvalue() == "x [id A]\n"
    assert debugprint(x, file="str") == "x [id A]"


def test_other_objects_are_refused() -> None:
    with pytest.raises(TypeError, match="got int"):
        debugprint(3)


class Text(HTMLParser):
    """The text of a fragment, and how deep its sections are nested."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.open = self.depth = self.deepest = 0
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "details":
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)
            self.open += ("open", "open") in attrs

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "details"

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_the_same_line_for_line(logistic: Graph) -> None:
    parsed = Text(tree_html(logistic))
    assert parsed.text.rstrip("\n") == tree_text(logistic)
    assert parsed.depth == 0
    assert 0 < parsed.open < parsed.deepest * 10


def test_a_deep_page_stays_shallow_enough_for_browsers(tensor: MakeTensor) -> None:
    y = tensor("x", None)
    for _ in range(1000):
        y = exp(y)
    parsed = Text(tree_html(y, max_lines=2000))
    assert parsed.deepest < 100
    assert parsed.text.rstrip("\n") == tree_text(y, max_lines=2000)


def test_hostile_names_are_text(hostile: str, tensor: MakeTensor) -> None:
    y = exp(tensor(hostile, None))
    assert Text(tree_html(y)).text.rstrip("\n") == tree_text(y)
    assert len(tree_text(y).splitlines()) == 2
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", tree_text(y))


def test_the_tree_of_logistic_regression(
    logistic: Graph, golden: Callable[[str, str], None]
) -> None:
    golden("viz/logistic.txt", tree_text(logistic, print_type=True) + "\n")
