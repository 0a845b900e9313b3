"""What is installed: the pins, the conda environment, and the wheel that a user gets."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

# ---- pins ----------------------------------------------------------------------------------------


def pins() -> list[Requirement]:
    return [Requirement(line) for line in (ROOT / "constraints.txt").read_text().splitlines()]


def asked_for() -> list[Requirement]:
    """Everything that pyproject.toml asks for by name, in every extra."""
    lines = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    requirements = [Requirement(line) for line in lines]
    return [requirement for requirement in requirements if requirement.name != PROJECT["name"]]


def test_constraints_hold_exact_pins_and_nothing_else() -> None:
    for pin in pins():
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert "*" not in specifier.version
        assert pin.url is None
        assert not pin.extras
    names = [str(pin.name) for pin in pins()]
    assert names == sorted(set(names))


@pytest.mark.parametrize("requirement", asked_for(), ids=str)
def test_everything_asked_for_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    pinned = {canonicalize_name(pin.name): pin for pin in pins()}
    pin = pinned[canonicalize_name(requirement.name)]
    (specifier,) = pin.specifier
    assert requirement.specifier.contains(specifier.version)


def test_what_set_up_itself_installs_is_pinned() -> None:
    assert {"uv", "hatchling", "editables"} <= {pin.name for pin in pins()}


# ---- environment.yml -----------------------------------------------------------------------------

CONDA_NAMES = {"graphviz": "python-graphviz", "matplotlib": "matplotlib-base"}
ONLY_CONDA = {"python", "pip", "graphviz", "c-compiler"}
NOTEBOOK_TESTS = {"nbval"}


def environment() -> tuple[dict[str, str], dict[str, str]]:
    """What environment.yml asks of conda and of pip, each as name → version bounds."""
    rattler = pytest.importorskip("rattler")
    loaded = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert loaded["name"] == PROJECT["name"]
    assert loaded["channels"] == ["conda-forge"]
    (from_pip,) = (entry["pip"] for entry in loaded["dependencies"] if isinstance(entry, dict))
    assert from_pip[-1] == "-e ."
    specs = [
        rattler.MatchSpec(entry, strict=True)
        for entry in loaded["dependencies"]
        if isinstance(entry, str)
    ]
    conda = {spec.name.normalized: str(spec.version or "") for spec in specs}
    assert len(conda) == len(specs)
    pip = {(r := Requirement(line)).name: str(r.specifier) for line in from_pip[:-1]}
    return conda, pip


def bounds(text: str) -> set[str]:
    return {bound.strip() for bound in text.split(",") if bound.strip()}


def test_environment_yml_equals_pyproject() -> None:
    conda, pip = environment()
    wanted = {
        requirement.name: bounds(str(requirement.specifier))
        for requirement in map(
            Requirement,
            [
                *PROJECT["dependencies"],
                *EXTRAS["lab"],
                *(line for line in EXTRAS["test"] if Requirement(line).name in NOTEBOOK_TESTS),
            ],
        )
    }
    from_pip = {name: bounds(text) for name, text in pip.items()}
    from_conda = {name: bounds(text) for name, text in conda.items() if name not in ONLY_CONDA}
    assert from_pip == {name: wanted[name] for name in from_pip}
    assert from_conda == {
        CONDA_NAMES.get(name, name): text for name, text in wanted.items() if name not in from_pip
    }


def test_environment_yml_asks_for_the_same_python() -> None:
    conda, _ = environment()
    assert conda.keys() >= ONLY_CONDA
    assert bounds(conda["python"]) == bounds(PROJECT["requires-python"])


def test_environment_yml_tells_of_pycuda_and_its_reason() -> None:
    text = (ROOT / "environment.yml").read_text()
    assert re.search(r"# pycuda: .*CUDA.*\n(.*\n)*?\s+# - pycuda >=", text)


# ---- README.md -----------------------------------------------------------------------------------


def test_the_examples_in_the_readme_learn_and_show() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for example in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(example, names)
    assert "log_one_plus_exp" in [entry.rule for entry in names["f"].steps().steps]
    data = np.eye(3), np.array([0.0, 1.0, 1.0])
    costs = [float(names["step"](*data)) for _ in range(3)]
    assert np.log(2) > costs[0] > costs[1] > costs[2]


def test_the_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("```")[1].splitlines()[1:]
    assert [line.split("#")[0].strip() for line in block] == ["./kg lab", "./kg test"]


def test_what_the_readme_names_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in re.findall(
        r"`((?:kernelgraph|notebooks|docs|tests|benchmarks|tools)/[\w./]*)`", text
    ):
        assert (ROOT / path).exists(), path
