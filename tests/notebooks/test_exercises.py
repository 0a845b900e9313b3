"""The exercises of the lessons: as shipped they wait for an answer, a right answer passes the check
below it, and a typical wrong one is told what is wrong.
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
CHECK = "# The check:\n"

LESSONS = ("04_graphs_and_trees", "05_gradients", "06_rewriting", "07_from_graph_to_C")


def answers(lesson: str) -> ModuleType:
    """The module with answers to the exercises of a lesson."""
    return import_module(f".answers_{lesson[:2]}", __package__)


def exercises(lesson: str) -> dict[str, str]:
    """The cells of a lesson that are exercises, by their names."""
    notebook = nbformat.read(FOLDER / f"{lesson}.ipynb", as_version=4)
    return {
        cell.id: cell.source
        for cell in notebook.cells
        if "exercise" in cell.metadata.get("tags", ())
    }


def imports(lesson: str) -> str:
    """The first code cell of a lesson, without magics: all that an exercise may build on."""
    notebook = nbformat.read(FOLDER / f"{lesson}.ipynb", as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == "imports")
    return "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))


def run(lesson: str, source: str) -> dict[str, Any]:
    """What the names of a lesson are worth after its imports and this source."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for text in (imports(lesson), source):
        exec(compile(text, "exercise", "exec"), names)
    return names


def answered(lesson: str, exercise: str, answer: str) -> str:
    """An exercise with an answer above its check."""
    _, check = exercises(lesson)[exercise].split(CHECK)
    return answer + CHECK + check


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_three_to_five_exercises_with_hints_and_answers(lesson: str) -> None:
    cells = nbformat.read(FOLDER / f"{lesson}.ipynb", as_version=4).cells
    found = exercises(lesson)

    assert 3 <= len(found) <= 5
    assert set(found) == set(answers(lesson).RIGHT)
    assert {exercise for exercise, _, _ in answers(lesson).WRONG} == set(found)
    for exercise, source in found.items():
        (text,) = (cell.source for cell in cells if cell.id == f"{exercise}-text")
        assert "<summary>Hint" in text
        assert all(check.msg for check in asserts(source)), "every check says what it misses"


def asserts(source: str) -> list[ast.Assert]:
    """The checks of an exercise."""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    assert found
    return found


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_exercise_waits_for_its_answer(lesson: str) -> None:
    for exercise in exercises(lesson).values():
        with pytest.raises(NotImplementedError, match="TODO: "):
            run(lesson, exercise)


@pytest.mark.parametrize(
    ("lesson", "exercise"),
    [(lesson, exercise) for lesson in LESSONS for exercise in answers(lesson).RIGHT],
)
def test_the_right_answer_passes(
    lesson: str, exercise: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(lesson, answered(lesson, exercise, answers(lesson).RIGHT[exercise]))
    assert capsys.readouterr().out.endswith("passed\n")


@pytest.mark.parametrize(
    ("lesson", "exercise", "answer", "hint"),
    [(lesson, *wrong) for lesson in LESSONS for wrong in answers(lesson).WRONG],
)
def test_a_wrong_answer_gets_its_hint(lesson: str, exercise: str, answer: str, hint: str) -> None:
    with pytest.raises(AssertionError) as caught:
        run(lesson, answered(lesson, exercise, answer))
    assert hint in str(caught.value)
