"""Names and parameters, one by one, as the strict reference has them; a table tells what is not."""

from __future__ import annotations

import inspect
from typing import Any

import array_api_strict as strict
import pytest

from kernelgraph import array_api as xp
from kernelgraph.array_api.missing import MISSING

OWN = {
    "Device", "set_array_api_strict_flags", "get_array_api_strict_flags",
    "reset_array_api_strict_flags", "ArrayAPIStrictFlags", "__version__",
}  # fmt: skip
"""Names of the reference that are none of the standard's."""

NAMES = [name for name in strict.__all__ if name not in OWN]
MEMBERS = [
    name
    for name in dir(strict.asarray(1.0))
    if name.startswith("__") or not name.startswith("_")
    if name != "__annotations__"
]
LINALG = [*strict.linalg.__all__, "eig", "eigvals"]
LATER = {"astype": "device", "from_dlpack": "device"}
"""Functions of which the reference hides the default of an argument."""


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(p.name, p.kind, p.default) for p in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_namespace(name: str) -> None:
    assert hasattr(xp, name) == (name not in MISSING)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_name_of_the_array(name: str) -> None:
    assert hasattr(xp.Array, name) == (f"Array.{name}" not in MISSING)


@pytest.mark.parametrize("name", LINALG)
def test_a_name_of_linear_algebra(name: str) -> None:
    space = getattr(xp, "linalg", None)
    assert hasattr(space, name) == (f"linalg.{name}" not in MISSING and "linalg" not in MISSING)


@pytest.mark.parametrize("name", [n for n in NAMES if inspect.isfunction(getattr(strict, n))])
def test_the_parameters_of_a_function(name: str) -> None:
    if name in MISSING:
        pytest.skip("it is not there")
    found, wanted = parameters(getattr(xp, name)), parameters(getattr(strict, name))
    if name in LATER:
        found, wanted = ([p[:2] for p in side] for side in (found, wanted))
    elif name == "expand_dims":  # its axis has a default in the standard
        found, wanted = found[:1], wanted[:1]
    assert found == wanted


@pytest.mark.parametrize("name", [n for n in MEMBERS if n in vars(type(strict.asarray(1.0)))])
def test_the_parameters_of_a_method(name: str) -> None:
    theirs = vars(type(strict.asarray(1.0)))[name]
    if f"Array.{name}" in MISSING or not inspect.isfunction(theirs):
        pytest.skip("no method, or not there")
    if name in ("__init__", "__new__", "__array__", "__dlpack__", "__repr__", "__str__"):
        pytest.skip("their parameters are the reference's own")
    ours = inspect.signature(getattr(xp.Array, name)).parameters.values()
    wanted = inspect.signature(theirs).parameters.values()
    assert [p.name for p in ours] == [p.name for p in wanted]


def test_every_reason_is_a_sentence_about_something() -> None:
    for name, reason in MISSING.items():
        space, _, member = name.rpartition(".")
        place: Any = {"": strict, "Array": strict.asarray(1.0), "linalg": strict.linalg}[space]
        assert hasattr(place, member), name
        assert len(reason.split()) > 3


@pytest.mark.parametrize("constant", ["e", "pi", "inf", "newaxis", "__array_api_version__"])
def test_constants(constant: str) -> None:
    if constant == "__array_api_version__":
        assert xp.__array_api_version__ == "2024.12"
    else:
        assert getattr(xp, constant) == getattr(strict, constant)
