"""docs/MAGICS.md names every option of every magic, and what it names exists."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.function import Function
from kernelgraph.jupyter.options import SHOWN, TARGETS
from kernelgraph.rewrite.modes import MODES
from kernelgraph.viz.kernels.languages import TITLES

from .conftest import Notebook

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "MAGICS.md").read_text(encoding="utf-8")
LINES = ("symgraph", "symtree", "symsteps", "symgrad", "symsource", "symprofile", "symcheck")


def magics(notebook: Notebook) -> dict[str, Any]:
    known = notebook.shell.magics_manager.magics
    return {
        sign + name: magic
        for kind, sign in (("cell", "%%"), ("line", "%"))
        for name, magic in known[kind].items()
        if name.startswith("sym") or name == "cuda"
    }


def own_section(magic: str) -> str:
    """What the page says of one magic: its chapter, or its row and those of its options."""
    if magic == "%%cuda":
        return PAGE.partition("## `%%cuda`")[2].partition("## Without a magic")[0]
    if magic == "%%symfunc":
        return PAGE.partition("## `%%symfunc`")[2].partition("## Line magics")[0]
    rows = PAGE.partition(f"| `{magic} ")[2]
    return re.split(r"\| `%|\n## ", rows)[0]


def test_every_magic_has_its_place(notebook: Notebook) -> None:
    found = magics(notebook)
    assert set(found) == {"%%symfunc", "%%cuda", *(f"%{name}" for name in LINES)}
    for magic in found:
        assert f"`{magic}" in PAGE


def test_every_option_of_every_magic_is_explained(notebook: Notebook) -> None:
    for name, magic in magics(notebook).items():
        section = own_section(name) + PAGE.partition("`-h`, `--help` behind any")[1]
        for option in magic.parser._option_string_actions:
            assert f"`{option}" in section, (name, option)


def test_no_option_is_explained_that_there_is_not(notebook: Notebook) -> None:
    for name, magic in magics(notebook).items():
        explained = set(re.findall(r"^\| `(--?\w+)|, `(--?\w+)", own_section(name), re.MULTILINE))
        options = {option for pair in explained for option in pair if option}
        known = {*magic.parser._option_string_actions, "-h", "--help"}
        assert options - {"-rule"} <= known, name


@pytest.mark.parametrize("words", [TARGETS, SHOWN, MODES, TITLES])
def test_every_word_of_an_option_is_named(words: Any) -> None:
    for word in words:
        assert f"`{word}`" in PAGE, word


def twins() -> list[str]:
    return sorted(set(re.findall(r"\b((?:kg|T|f)\.[\w.]+)\(", PAGE)))


def test_every_twin_exists() -> None:
    found = twins()
    assert {"kg.explain", "kg.function", "kg.measure", "kg.verify", "kg.steps"} <= set(found)
    for twin in found:
        base, _, path = twin.partition(".")
        value: Any = {"kg": kg, "T": T, "f": Function}[base]
        for part in path.split("."):
            value = getattr(value, part)
        if isinstance(value, property):  # f.profile(…): what it gives can be called
            value = vars(get_type_hints(value.fget)["return"]).get("__call__")
        assert callable(value)


def test_the_keywords_of_the_twins_exist() -> None:
    for name, arguments in re.findall(r"`kg\.(\w+)\(([^`]*)\)`", PAGE):
        parameters = inspect.signature(getattr(kg, name)).parameters
        for word in re.findall(r"(\w+)=", re.sub(r"\([^()]*\)", "", arguments)):
            assert word in parameters, (name, word)
