"""`python -m kernelgraph lab`: lessons are copied once and never over a student's work."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from kernelgraph import lab
from kernelgraph.__main__ import main


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    folder = tmp_path / "site-packages" / "kernelgraph" / "notebooks"
    (folder / "data").mkdir(parents=True)
    (folder / "01.ipynb").write_text("lesson one")
    (folder / "data" / "digits.csv").write_text("0,1")
    return folder


def test_lessons_are_copied(shipped: Path, tmp_path: Path) -> None:
    here = tmp_path / "home"
    folder = lab.notebooks_folder(shipped.parent, here)
    assert folder == here / "kernelgraph-notebooks"
    assert (folder / "01.ipynb").read_text() == "lesson one"
    assert (folder / "data" / "digits.csv").read_text() == "0,1"


def test_a_students_work_is_kept(shipped: Path, tmp_path: Path) -> None:
    folder = lab.notebooks_folder(shipped.parent, tmp_path)
    (folder / "01.ipynb").write_text("my answers")
    (shipped / "02.ipynb").write_text("lesson two")

    lab.notebooks_folder(shipped.parent, tmp_path)

    assert (folder / "01.ipynb").read_text() == "my answers"
    assert (folder / "02.ipynb").read_text() == "lesson two"


def test_a_clone_opens_its_own_lessons(tmp_path: Path) -> None:
    (tmp_path / "kernelgraph").mkdir()
    (tmp_path / "notebooks").mkdir()
    opened = lab.notebooks_folder(tmp_path / "kernelgraph", tmp_path / "elsewhere")
    assert opened == tmp_path / "notebooks"
    assert not (tmp_path / "elsewhere").exists()


def test_an_unwritable_folder_is_explained(shipped: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "kernelgraph-notebooks"
    in_the_way.write_text("a file where the folder would be")
    with pytest.raises(lab.LabError, match="may write in"):
        lab.copy_lessons(shipped, in_the_way)


def test_a_package_without_lessons_says_so(tmp_path: Path) -> None:
    with pytest.raises(lab.LabError, match="reinstall"):
        lab.notebooks_folder(tmp_path / "kernelgraph", tmp_path)


def test_without_jupyterlab_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> None:
        assert name == "jupyterlab"

    monkeypatch.setattr(importlib.util, "find_spec", absent)
    assert main(["lab"]) == 1
    assert "pip install 'kernelgraph[lab]'" in capsys.readouterr().err


def test_jupyterlab_gets_the_folder_and_the_arguments(
    monkeypatch: pytest.MonkeyPatch, shipped: Path, tmp_path: Path
) -> None:
    started: list[tuple[str, list[str]]] = []

    def run_module(name: str, *, run_name: str) -> None:
        started.append((f"{name} as {run_name}", sys.argv))

    monkeypatch.setattr(lab, "_PACKAGE", shipped.parent)
    monkeypatch.setattr("runpy.run_module", run_module)
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.chdir(tmp_path)
    assert main(["lab", "--no-browser", "--port=9999"]) == 0
    folder = tmp_path / "kernelgraph-notebooks"
    arguments = ["jupyter-lab", f"--ServerApp.root_dir={folder}", "--no-browser", "--port=9999"]
    assert started == [("jupyterlab as __main__", arguments)]


@pytest.mark.parametrize("arguments", [[], ["help"], ["-h"], ["--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "usage: python -m kernelgraph lab" in capsys.readouterr().out


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lba"]) == 2
    assert "no command 'lba'" in capsys.readouterr().err
