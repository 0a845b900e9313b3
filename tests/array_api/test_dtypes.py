"""dtypes: what two make together, of which kind they are, what casts to what."""

from __future__ import annotations

from itertools import product
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

from kernelgraph import array_api as xp
from kernelgraph.array_api.dtypes import ALL, KINDS
from kernelgraph.array_api.inspection import NamespaceInfo
from kernelgraph.errors import DTypeError, OptionError


def theirs(name: str) -> Any:
    return getattr(strict, name)


def ours(name: str) -> Any:
    return getattr(xp, name)


@pytest.mark.parametrize("one", ALL)
def test_promotion_is_that_of_the_standard(one: str) -> None:
    for other in ALL:
        try:
            wanted = repr(strict.result_type(theirs(one), theirs(other)))
        except TypeError:
            with pytest.raises(DTypeError, match="KG-D003"):
                xp.result_type(ours(one), ours(other))
            continue
        found = xp.result_type(ours(one), ours(other))
        assert wanted == f"array_api_strict.{found}"


@pytest.mark.parametrize("number", [True, 1, 0.5, 1j])
def test_numbers_are_weak(number: Any) -> None:
    for dtype in ALL:
        try:
            wanted = repr(strict.result_type(theirs(dtype), number))
        except TypeError:
            with pytest.raises(DTypeError, match="KG-D003"):
                xp.result_type(ours(dtype), number)
            continue
        assert wanted == f"array_api_strict.{xp.result_type(ours(dtype), number)}"


def test_casts_and_kinds_are_those_of_the_standard() -> None:
    for one, other in product(ALL, ALL):
        wanted = strict.can_cast(theirs(one), theirs(other))
        assert xp.can_cast(ours(one), ours(other)) == wanted, (one, other)
    for one, kind in product(ALL, KINDS):
        assert xp.isdtype(ours(one), kind) == strict.isdtype(theirs(one), kind)
    assert xp.isdtype(xp.int8, (xp.int8, "bool"))
    with pytest.raises(OptionError, match="numeric"):
        xp.isdtype(xp.int8, "numbers")
    with pytest.raises(TypeError):
        xp.isdtype(xp.int8, (("bool",),))


@pytest.mark.parametrize("name", ["float32", "float64", "complex64", "complex128"])
def test_limits_of_floats(name: str) -> None:
    found, wanted = xp.finfo(ours(name)), strict.finfo(theirs(name))
    for key in ("bits", "eps", "max", "min", "smallest_normal"):
        assert getattr(found, key) == getattr(wanted, key)
    assert f"array_api_strict.{found.dtype}" == repr(wanted.dtype)
    assert xp.finfo(xp.ones(2, dtype=ours(name))).max == found.max
    with pytest.raises(DTypeError, match="iinfo"):
        xp.finfo(xp.int8)


@pytest.mark.parametrize("name", ["int8", "uint64"])
def test_limits_of_integers(name: str) -> None:
    found, wanted = xp.iinfo(ours(name)), strict.iinfo(theirs(name))
    assert (found.bits, found.max, found.min) == (wanted.bits, wanted.max, wanted.min)
    with pytest.raises(DTypeError, match="finfo"):
        xp.iinfo(xp.float32)


def test_other_ways_to_name_a_dtype() -> None:
    for dtype in (np.float32, "float32", np.dtype("float32"), xp.float32):
        assert xp.zeros(2, dtype=dtype).dtype is xp.float32
    for dtype in ("float16x", object, "str"):
        with pytest.raises(DTypeError, match="KG-D001"):
            xp.zeros(2, dtype=dtype)
    assert np.zeros(1, dtype=xp.int16).dtype == "int16"
    assert repr(xp.int16) == "array_api.int16"


def test_the_namespace_tells_what_it_has() -> None:
    info = xp.__array_namespace_info__()
    assert info.capabilities()["boolean indexing"]
    assert info.default_device() == "cpu"
    assert info.devices() == ["cpu"]
    assert info.default_dtypes()["integral"] == xp.int64
    assert info.dtypes(kind="real floating") == {"float32": xp.float32, "float64": xp.float64}
    assert set(info.dtypes(kind=("bool", "signed integer"))) == {"bool", *KINDS["signed integer"]}
    assert set(info.dtypes()) == set(ALL)
    with pytest.raises(OptionError):
        info.dtypes(kind="float")
    assert isinstance(info, NamespaceInfo)
