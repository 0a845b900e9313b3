"""`tools/mutate.py`: faults are drawn fairly, made in a copy alone, and judged by tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import fault_lane
import fault_page
import faults
import mutate
import pytest
from fault_kinds import Source
from faults import Fault, faults_of
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(mutate.__file__).parents[1]
PATHS = [f"kernelgraph/{room}/{name}.py" for room, names in faults.ROOMS.items() for name in names]


def read(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def edits(text: str) -> dict[str, set[str]]:
    """What each kind makes of a piece of source."""
    found: dict[str, set[str]] = {}
    for fault in faults_of("kernelgraph/rewrite/it.py", text.encode()):
        found.setdefault(fault.kind, set()).add(fault.apply(text.encode()).decode())
    return found


# ------------------------------------------------------------------------------------------- kinds


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("operator", "a = (x) + (y)", "a = (x) - (y)"),
        ("operator", "a = x * y", "a = x + y"),
        ("comparison", "a = x < y", "a = x <= y"),
        ("comparison", "a = x < y is z", "a = x < y is not z"),
        ("connective", "a = x and (y or z)", "a = x or (y or z)"),
        ("connective", "a = x or (y and z)", "a = x or (y or z)"),
        ("connective", "a = not (x)", "a = (x)"),
        ("condition", "a = x and y", "a = x and True"),
        ("condition", "a = x or (y)", "a = False or (y)"),
        ("number", "a = x[0]", "a = x[1]"),
        ("number", "a = f(keepdims=True)", "a = f(keepdims=False)"),
        (
            "number",
            "@computed_rule(depth=3)\ndef f(): pass",
            "@computed_rule(depth=2)\ndef f(): pass",
        ),
        ("sign", "a = -x", "a = x"),
        (
            "guard",
            "def f():\n    if x:\n        return None",
            "def f():\n    if False:\n        return None",
        ),
        (
            "guard",
            "@rule(when=floats)\ndef f(): pass",
            "@rule(when=lambda match: True)\ndef f(): pass",
        ),
        ("element", "RULES = (a,)", "RULES = ()"),
        ("element", "RULES = (a, b, c,)", "RULES = (a, c,)"),
        ("element", "RULES = (a, b, c)", "RULES = (a, b)"),
        ("element", "a = isinstance(x, A | B)", "a = isinstance(x, A)"),
        ("order", "a = sub(x, y)", "a = sub(y, x)"),
        ("order", "axes = (0, 1)", "axes = (1, 0)"),
        ("order", "a = x if c else y", "a = y if c else x"),
        ("order", "a = x - y", "a = y - x"),
        ("operand", "def f():\n    return neg(x)", "def f():\n    return x"),
        (
            "operand",
            "def f(x, y):\n    return x - y, -(y - x)",
            "def f(x, y):\n    return x - y, y - x",
        ),
        ("name", "a = any(x)", "a = all(x)"),
        ("name", "a = np.iinfo(dtype).min", "a = np.iinfo(dtype).max"),
        ("conversion", 'a = cast(x, "float64")', "a = x"),
        ("conversion", "a = x.T", "a = x"),
        ("formula", 'c = "{x} < {y} ? {x} : {y}"', 'c = "{x} <= {y} ? {x} : {y}"'),
        ("formula", 'c = "{x} - {y}"', 'c = "{y} - {x}"'),
        ("statement", "def f():\n    check(x)", "def f():\n    pass"),
        ("statement", "def f():\n    x += 1", "def f():\n    pass"),
        ("statement", "for x in y:\n    continue", "for x in y:\n    break"),
    ],
)  # fmt: skip
def test_what_a_kind_makes_of_a_line(kind: str, before: str, after: str) -> None:
    assert after in edits(before)[kind]


@pytest.mark.parametrize(
    "text",
    [
        '"""What a file says: 1 < 2."""',
        "import a, b",
        "def f(x: tuple[int, str] = None) -> list[int | None]: ...",
        "Alias = Left | Right",
        "assert x < 1 and y, (a, b)",
        'raise Error(f"{x - 1} of {y}", code=1)',
        "def __str__(self):\n    return a + b",
        "def _word(v):\n    return a if b else c",
        'a = elementwise(latex="{x} - {y}", cost=4)',
        "@computed_rule(examples=[lambda x: (x * 0, 0)])\ndef f(): pass",
        "a = names.fresh(x - 1)",
        "LIMIT = 10_000",
    ],
)
def test_what_nobody_computes_with_is_left_alone(text: str) -> None:
    assert edits(text) == {}


@pytest.mark.parametrize("text", ["add(x, y)", "isinstance(x, y)", "sub(x, x)", "sub(*x, y)"])
def test_swapping_these_would_be_no_fault_or_no_program(text: str) -> None:
    assert "order" not in edits(text)


def test_text_that_is_not_ascii_is_found_where_it_is() -> None:
    assert 'π = "·" + x - (y + 1)' in edits('π = "·" + x + (y + 1)')["operator"]


@pytest.mark.parametrize("path", PATHS)
def test_nearly_every_fault_is_a_program_and_another_one(path: str) -> None:
    text = read(path)
    tree = ast.dump(ast.parse(text))
    found = faults_of(path, text)
    assert len({fault.key for fault in found}) == len(found)
    tried = found[:: max(len(found) // 25, 1)]
    broken = 0
    for fault in tried:
        assert fault.room == path.split("/")[1]
        try:
            assert ast.dump(ast.parse(fault.apply(text))) != tree, fault.key
        except SyntaxError:
            broken += 1
    assert broken <= len(tried) / 10


def test_a_name_is_known_where_it_is_imported() -> None:
    assert {"exp", "expm1"} <= Source(b"from a import exp, expm1").names


# ----------------------------------------------------------------------------------------- drawing


def drawn(seed: int, count: int) -> list[Fault]:
    return [fault for _, fault in islice(mutate.candidates(seed, tuple(faults.ROOMS)), count)]


@given(st.integers(min_value=0))
@settings(max_examples=8)
def test_a_draw_is_even(seed: int) -> None:
    rooms = [len(files) for files in faults.ROOMS.values()]
    count = len(rooms) * max(rooms)  # so many that every file has its turn
    found = drawn(seed, count)
    assert found == drawn(seed, count)
    assert set(Counter(fault.room for fault in found).values()) == {max(rooms)}
    files = Counter(fault.path for fault in found)
    assert set(files) == {path for path in PATHS if faults_of(path, read(path))}
    assert max(files.values()) == -(-max(rooms) // min(rooms))
    assert len({fault.kind for fault in found}) > 6


def test_seeds_differ() -> None:
    assert drawn(1, 40) != drawn(2, 40)


def test_an_edit_elsewhere_leaves_the_faults_of_a_function_as_they_are() -> None:
    text = b"def f(x):\n    return sub(x, 1)\n\n\ndef g(y):\n    return -y\n"
    edited = text.replace(b"return -y", b"z = y\n    return z < 1")
    keys = [{fault.key for fault in faults_of("kernelgraph/a/b.py", t)} for t in (text, edited)]
    in_f = [{key for key in some if " f: " in key} for some in keys]
    assert in_f[0] == in_f[1] != set()


@pytest.mark.parametrize(("count", "expected"), [(50, [13, 13, 12, 12]), (3, [1, 1, 1, 0])])
def test_rooms_get_as_many_as_each_other(count: int, expected: list[int]) -> None:
    assert list(mutate.quotas(count, list(faults.ROOMS)).values()) == expected


# ----------------------------------------------------------------------------------------- judging


def fault(old: str, new: str, path: str = "kernelgraph/room/sums.py") -> Fault:
    text = SUMS.encode()
    start = text.index(old.encode())
    return Fault(path, "total", "operator", 1, start, start + len(old), old, new, 0)


SUMS = """\
def total(numbers):
    found = 0
    for number in numbers:
        found = found + number
    return found
"""

TESTS = """\
from kernelgraph.room.sums import total

def test_first():
    assert total([]) == 0

def test_second():
    assert total([2, 3]) == 5
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project in the place of this one, with a lane of two tests."""
    root = tmp_path / "sound"
    files = {
        "kernelgraph/__init__.py": "",
        "kernelgraph/tensor.py": "import kernelgraph.room.sums",
        "kernelgraph/room/__init__.py": "",
        "kernelgraph/room/sums.py": SUMS,
        "tests/test_sums.py": TESTS,
        "tools/fault_lane.py": Path(fault_lane.__file__).read_text(encoding="utf-8"),
        "pytest.ini": "[pytest]\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they start sooner
    monkeypatch.setattr(mutate, "ROOT", root)
    monkeypatch.setattr(fault_lane, "LANES", {"room": ("tests/test_sums.py",)})
    return root


@pytest.fixture
def workshop(project: Path, tmp_path: Path) -> mutate.Workshop:
    return mutate.Workshop(tmp_path / "folder", tmp_path / "warm")


@pytest.mark.parametrize(
    ("old", "new", "verdict", "note"),
    [
        ("found + number", "found - number", "caught", "tests/test_sums.py::test_second"),
        ("found = 0", "found = 1", "caught", "tests/test_sums.py::test_first"),
        ("found + number", "number + found", "survived", ""),
        ("return found", "return", "caught", "tests/test_sums.py::test_first"),
        ("def total", "raise KeyError\ndef total", "stillborn", "the package cannot be imported"),
        (
            "return found", "import os; os.abort() if found else found; return found",
            "crashed", "tests/test_sums.py::test_second",
        ),
    ],
)  # fmt: skip
def test_a_verdict(workshop: mutate.Workshop, old: str, new: str, verdict: str, note: str) -> None:
    judged = mutate.judge(workshop, 1, fault(old, new))
    assert (judged.verdict, judged.note) == (verdict, note)
    assert judged.counts == (verdict != "stillborn")
    assert (workshop.folder / "kernelgraph/room/sums.py").read_text() == SUMS


def test_time_runs_out(workshop: mutate.Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutate, "SECONDS", 3)
    monkeypatch.setattr(mutate, "PATIENCE", 30)  # other work on the machine is no fault
    judged = mutate.judge(workshop, 1, fault("found = found + number", "while True: pass"))
    assert judged.verdict == "out of time"
    assert judged.note == "tests/test_sums.py::test_second"
    assert judged.seconds < 12


def test_the_project_itself_is_not_touched(project: Path, workshop: mutate.Workshop) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    mutate.judge(workshop, 1, fault("found + number", "found - number"))
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_a_fault_that_is_known_to_be_none_is_not_tried(
    workshop: mutate.Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = fault("found + number", "number + found")
    monkeypatch.setattr(mutate, "EQUIVALENT", {same.key: "A sum is commutative."})
    judged = mutate.judge(workshop, 1, same)
    assert (judged.verdict, judged.note, judged.counts) == (
        "equivalent", "A sum is commutative.", False,
    )  # fmt: skip


def test_lanes_that_fail_by_themselves_judge_nothing(
    project: Path, workshop: mutate.Workshop
) -> None:
    assert workshop.warm_up(["room"])["room"].status == 0
    workshop.write("kernelgraph/room/sums.py", SUMS.replace("+", "-").encode())
    with pytest.raises(SystemExit, match="without a fault"):
        workshop.warm_up(["room"])


def test_the_tests_of_the_spoiled_function_come_first() -> None:
    class Item:
        def __init__(self, name: str) -> None:
            self.name = name

    items = [Item("test_a[one]"), Item("test_a[two]"), Item("test_b"), Item("test_c[two]")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(fault_lane.FUNCTION, "two")
        fault_lane.pytest_collection_modifyitems(items)  # pyright: ignore[reportArgumentType]
    assert [item.name for item in items] == ["test_a[two]", "test_c[two]", "test_a[one]", "test_b"]


@pytest.mark.parametrize("room", faults.ROOMS)
def test_every_lane_has_tests(room: str) -> None:
    assert all((ROOT / test).exists() for test in fault_lane.LANES[room])


# -------------------------------------------------------------------------------------------- words


@pytest.fixture
def report() -> fault_page.Report:
    found = fault_page.Report(7, ("room",), {"room": 2.0})
    verdicts = ["caught"] * 17 + ["crashed", "out of time", "survived", "stillborn", "equivalent"]
    for number, verdict in enumerate(verdicts, 1):
        spoiled = fault("found + number", "found | `number`")
        change = fault_page.difference(spoiled, SUMS.encode())
        found.add(fault_page.Judged(number, spoiled, verdict, "tests/a.py::test", 1.5, change))
    return found


def test_the_score(report: fault_page.Report) -> None:
    assert report.score == pytest.approx(95)
    assert fault_page.summary(report).startswith("19 of 20 faults noticed (95 %), seed 7")


def test_the_page_has_every_fault_that_counts(report: fault_page.Report) -> None:
    page = fault_page.page(report)
    rows = re.findall(r"^\| (\d+) \|", page, re.MULTILINE)
    assert rows == [str(number) for number in range(1, 21)]
    assert "Fault 20 survived" in page
    assert "+        found = found | `number`" in page
    assert "`` found \\| `number` ``" in page
    assert page.count("tests/a.py::test") == 1  # said of the equivalent one, as its reason


def test_a_survivor_is_shown_with_its_diff(report: fault_page.Report) -> None:
    said = [fault_page.line(judged) for judged in report.judged]
    assert "-        found = found + number" in said[19]
    assert "\n" not in said[0]


# ----------------------------------------------------------------------------------------- command


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/mutate.py", *arguments], cwd=ROOT, capture_output=True, text=True
    )


def test_a_list_is_the_same_every_time() -> None:
    listed = run("--list", "--count", "9", "--seed", "3")
    assert listed.returncode == 0, listed.stderr
    assert len(listed.stdout.splitlines()) == 9
    assert listed.stdout == run("--list", "--count", "9", "--seed", "3").stdout


def test_rooms_can_be_chosen() -> None:
    listed = run("--list", "--count", "6", "--rooms", "ops,loops").stdout
    assert re.findall(r"kernelgraph/(\w+)/", listed) == ["ops", "loops"] * 3


def test_an_unknown_room_is_refused() -> None:
    refused = run("--rooms", "cellar")
    assert refused.returncode == 2
    assert "no such room: cellar" in refused.stderr


def lines() -> Iterator[str]:
    yield from fault_page.EQUIVALENT


def test_what_is_said_to_be_equivalent_exists() -> None:
    known = {fault.key for path in PATHS for fault in faults_of(path, read(path))}
    assert set(lines()) <= known
