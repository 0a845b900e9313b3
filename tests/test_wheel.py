"""The wheel: built here, installed outside the clone beside NumPy alone, and put to use there."""

from __future__ import annotations

import base64
import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
SVG = "{http://www.w3.org/2000/svg}"
NOT_PYTHON = (".c", ".cpp", ".h", ".css", ".js")

DRAW = """
import kernelgraph as kg
import kernelgraph.tensor as T

x = T.dvector("x")
print(kg.__file__)
print(kg.show(T.exp(x) + 1)._repr_mimebundle_()["text/html"])
"""


COMPUTE = """
import kernelgraph as kg
import kernelgraph.tensor as T

x = T.dvector("x")
f = kg.function([x], T.exp(x - x) + x / 2)
print(f([2.0, 5.0]).tolist())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run([*build, str(ROOT)], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = folder.iterdir()
    return made


@dataclass
class Installed:
    """An environment that holds the wheel, NumPy and nothing else."""

    python: Path
    site_packages: Path
    home: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=self.home,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "PYTHONWARNINGS": "error",
                "PYTHONIOENCODING": "utf-8",
            },
            capture_output=True,
            encoding="utf-8",
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", symlinks=os.name == "posix")
    names = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    python = Path(sysconfig.get_path("scripts", "venv", names)) / "python"
    site_packages = Path(sysconfig.get_path("purelib", "venv", names))
    lend_numpy(site_packages)
    command = [*installer(python), "--no-deps", "--no-index", str(wheel)]
    install = subprocess.run(command, capture_output=True, text=True)
    assert install.returncode == 0, install.stdout + install.stderr
    home = folder / "home"
    home.mkdir()
    return Installed(python, site_packages, home)


def lend_numpy(site_packages: Path) -> None:
    """Link NumPy and the libraries beside it from this environment, which is quick."""
    ours = Path(np.__file__).parents[1]
    for name in ("numpy", "numpy.libs"):
        if (ours / name).exists():
            (site_packages / name).symlink_to(ours / name, target_is_directory=True)


def installer(python: Path) -> list[str]:
    """The start of a command that installs into the environment of ``python``."""
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv", "pip", "install", "--python", str(python)]
    return [sys.executable, "-m", "pip", "--python", str(python), "install"]


def test_everything_that_is_not_python_ships(wheel: Path) -> None:
    package = ROOT / "kernelgraph"
    ours = {
        file.relative_to(ROOT).as_posix()
        for file in package.rglob("*")
        if file.suffix in NOT_PYTHON
    }
    lessons = {
        f"kernelgraph/notebooks/{file.relative_to(ROOT / 'notebooks').as_posix()}"
        for file in (ROOT / "notebooks").glob("*.ipynb")
    }
    assert ours
    assert lessons
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    assert ours | lessons <= shipped
    assert "kernelgraph/py.typed" in shipped


def test_nothing_else_ships(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"kernelgraph"}
    assert wheel.name.endswith("-py3-none-any.whl")


def test_it_draws_a_picture_outside_the_clone(installed: Installed) -> None:
    drawn = installed.run("-c", DRAW)
    assert drawn.returncode == 0, drawn.stderr
    where, _, html = drawn.stdout.partition("\n")
    assert Path(where).is_relative_to(installed.site_packages)
    (encoded,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', html)
    picture = ElementTree.fromstring(base64.b64decode(encoded))
    assert picture.tag == f"{SVG}svg"
    kinds = [group.get("data-kind") for group in picture.iter(f"{SVG}g") if group.get("data-node")]
    assert kinds == ["input", "elementwise", "elementwise", "output"]
    words = [span.text for span in picture.iter(f"{SVG}tspan")]
    assert "x" in words
    assert "exp" in words


def test_it_compiles_a_function_outside_the_clone(installed: Installed) -> None:
    computed = installed.run("-W", "default", "-c", COMPUTE)
    assert computed.stdout == "[2.0, 3.5]\n", computed.stderr


def test_its_command_line_works_without_the_lab(installed: Installed) -> None:
    shown = installed.run("-m", "kernelgraph")
    assert shown.stdout.startswith("usage: python -m kernelgraph lab")
    refused = installed.run("-m", "kernelgraph", "lab")
    assert refused.returncode == 1
    assert "pip install 'kernelgraph[lab]'" in refused.stderr
