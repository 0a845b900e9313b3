"""float16 and complex numbers in all that is no op of numbers: loops, choices, shared variables,
pickles, arrays of others, casts, random streams.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernelgraph as kg
import kernelgraph.tensor as T
from kernelgraph.errors import DTypeError
from kernelgraph.graph import Variable
from kernelgraph.tensor.rng_mrg import MRG_RandomStreams
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from tests.support import TARGETS, Array, same, tame

KINDS = ("float16", "complex64", "complex128")
RTOL = {"float16": 2e-2, "complex64": 1e-4, "complex128": 1e-9}


def drawn(dtype: str, *shape: int) -> Array:
    return tame(np.random.default_rng(len(shape) + 3), dtype, shape)


def agree(inputs: list[Variable], outputs: list[Variable], values: list[Any], dtype: str) -> Any:
    """What C computes as NumPy does."""
    makes = (kg.function(inputs, outputs, target=target) for target in ("interpret", "c"))
    found = [f(*values) for f in makes]
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            assert one.dtype == two.dtype
            np.testing.assert_allclose(one, two, rtol=RTOL[dtype], atol=RTOL[dtype])
    return found[0]


def size_of(z: Variable) -> Variable:
    """A real number of each, that has derivatives."""
    return z.real * 2 + T.abs(z)


@pytest.mark.parametrize("dtype", ["float16", "complex128"])
def test_loops_and_their_derivatives(dtype: str) -> None:
    """They are those of the same steps one after the other."""
    x, start = T.tensor(dtype, (None,), "x"), T.tensor(dtype, (), "start")

    def step(v: Any, s: Any) -> Any:
        return s * v + T.sin(v)

    states, _ = kg.scan(step, [x], [start])
    last = start
    for k in range(4):
        last = step(x[k], last)
    outputs = [states]
    for end in (states[-1], last):
        cost = size_of(end)
        outputs += T.grad(cost, [x, start])
        outputs.append(T.Rop(cost, [x, start], [T.ones_like(x), T.ones_like(start)]))
    found = agree([x, start], outputs, [drawn(dtype, 4), drawn(dtype)], dtype)
    assert [v.dtype.name for v in found[:3]] == [dtype] * 3
    for one, other in zip(found[1:4], found[4:], strict=True):
        np.testing.assert_allclose(one, other, rtol=RTOL[dtype], atol=RTOL[dtype])


@pytest.mark.parametrize("dtype", KINDS)
def test_states_that_start_as_numbers_of_python(dtype: str) -> None:
    x, a = T.tensor(dtype, (None,), "x"), drawn(dtype, 4)
    for start in (0, 0.5, 1j)[: 2 if dtype == "float16" else 3]:
        states, _ = kg.scan(lambda v, s: s + v, [x], [start])
        assert states.dtype == dtype
        found = kg.function([x], states, target="interpret")(a)
        np.testing.assert_allclose(found, np.cumsum(a) + start, rtol=RTOL[dtype], atol=1e-2)


def test_a_number_of_python_is_float16_only_beside_such() -> None:
    for dtype, whole in (("float32", "float16"), ("float64", "int8"), ("float16", "float32")):
        x, n = T.tensor(dtype, (None,), "x"), T.tensor(whole, (), "n")
        states, _ = kg.scan(lambda v, s, m: s + v * m, [x], [0.0], [n])
        assert states.dtype == np.result_type(dtype, whole)
    states, _ = kg.scan(lambda s: s * 0.5, outputs_info=[1.0], n_steps=3)
    assert states.dtype == "float64"


@pytest.mark.parametrize("dtype", ["float16", "complex64"])
def test_choices(dtype: str) -> None:
    condition, x = T.tensor("bool", (), "condition"), T.tensor(dtype, (None,), "x")
    y = kg.ifelse(condition, x * 2, T.sin(x))
    slope = T.grad(size_of(y).sum(), x)
    a = drawn(dtype, 3)
    for holds, wanted in ((True, a * 2), (False, np.sin(a))):
        value, slopes = agree([condition, x], [y, slope], [holds, a], dtype)
        np.testing.assert_allclose(value, wanted, rtol=RTOL[dtype])
        assert value.dtype == slopes.dtype == dtype
    assert kg.ifelse(condition, x[0], 1).dtype == dtype
    assert kg.ifelse(condition, x[0], 0.5).dtype == dtype


COPIES: list[Callable[[Any], Any]] = [
    lambda value: pickle.loads(pickle.dumps(value)), copy.deepcopy,
]  # fmt: skip


@pytest.mark.parametrize("dtype", KINDS)
def test_shared_variables_and_copies(dtype: str) -> None:
    a, b = drawn(dtype, 3), drawn(dtype, 3, 1)[:, 0]
    for make in COPIES:
        s, x = kg.shared(a, "s"), T.tensor(dtype, (None,), "x")
        f = kg.function([x], (s * x).sum(), updates=[(s, s + x)], target="interpret")
        g = make(f)
        assert same(f(b), g(b))
        assert s.get_value().dtype == dtype
        assert same(make(s).get_value(), s.get_value())
        assert same(make(T.constant(a)).data, a)
        assert make(x * 2).dtype == dtype


def lent(value: Array, by: str) -> Any:
    """An array that is given away by DLPack alone, or by `__array__` alone."""
    names = ("__dlpack__", "__dlpack_device__") if by == "DLPack" else ("__array__",)
    return type("Lent", (), {name: _given(value, name) for name in names})()


def _given(value: Array, name: str) -> Callable[..., Any]:
    return lambda self, *arguments, **options: getattr(value, name)(*arguments, **options)


@pytest.mark.parametrize("dtype", KINDS)
def test_arrays_of_others(dtype: str) -> None:
    a, x = drawn(dtype, 4), T.tensor(dtype, (None,), "x")
    for by in ("DLPack", "__array__"):
        assert same(kg.shared(lent(a, by)).get_value(), a)
    for target in TARGETS:
        f = kg.function([x], x + x, target=target)
        found = f(a)
        assert same(found, a + a)
        assert same(np.from_dlpack(found), a + a)
        for given in (lent(a, "__array__"), a[::-1][::-1], a.astype(a.dtype.newbyteorder())):
            assert same(f(given), a + a)


@pytest.mark.parametrize("dtype", KINDS)
def test_numbers_of_python_as_arguments(dtype: str) -> None:
    """Without a warning of NumPy's; what cannot be stored is refused."""
    x = T.tensor(dtype, (None,), "x")
    f = kg.function([x], x, target="interpret")
    assert same(f([1, 2]), np.array([1, 2], dtype))
    assert same(f([1.5, 2]), np.array([1.5, 2], dtype))
    wrong: list[Any] = [[1e6], [1j]] if dtype == "float16" else [["1"]]
    for value in wrong:
        with pytest.raises(DTypeError):
            f(value)


def test_casts_between_real_and_complex_numbers() -> None:
    x, z = T.dvector("x"), T.zvector("z")
    half = T.tensor("float16", (None,), "half")
    product = (T.cast(half, "complex64") * z).real.sum()
    cost = T.abs(T.cast(x, "complex128") * z).sum() + product
    narrow = T.cast(T.cast(z, "complex64"), "complex128").imag.sum()
    slopes = [*T.grad(cost, [x, z, half]), T.grad(narrow, z)]
    assert [v.dtype for v in slopes] == ["float64", "complex128", "float16", "complex128"]
    a, b, c = drawn("float64", 3), drawn("complex128", 3), drawn("float16", 3)
    found = agree([x, z, half], slopes, [a, b, c], "float16")
    wanted = [np.sign(a) * abs(b), abs(a) * b / abs(b) + c, b.real, [1j] * 3]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3)


DRAWS: dict[str, Callable[[Any, str], Variable]] = {
    "uniform": lambda streams, dtype: streams.uniform((200,), dtype=dtype),
    "normal": lambda streams, dtype: streams.normal((200,), dtype=dtype),
    "binomial": lambda streams, dtype: streams.binomial((200,), n=3, p=0.5, dtype=dtype),
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("kind", [RandomStreams, MRG_RandomStreams])
def test_draws_of_float16_are_rounded(kind: Any, name: str) -> None:
    narrow, wide = (
        kg.function([], DRAWS[name](kind(5), dtype), target="interpret")()
        for dtype in ("float16", "float32")
    )
    assert narrow.dtype == "float16"
    assert np.isfinite(narrow).all()
    assert same(narrow, wide.astype("float16"))


def test_what_floatX_draws_as_float16() -> None:
    """Numbers that are compared with a probability are drawn as float32."""
    with kg.config.change_flags(floatX="float16"):
        streams = MRG_RandomStreams(3)
        outputs = [
            streams.uniform((3,)),
            streams.truncated_normal((50,)),
            streams.binomial((3000,), p=1.0),
        ]
        found = kg.function([], outputs, target="interpret")()
    assert [v.dtype.name for v in found] == ["float16", "float16", "int64"]
    assert (found[2] == 1).all()


def test_draws_of_complex_numbers() -> None:
    """NumPy's draws are cast, and those of MRG31k3p are floats."""
    draw = RandomStreams(1).normal((3,), dtype="complex64")
    assert kg.function([], draw, target="interpret")().dtype == "complex64"
    for name in ("uniform", "normal"):
        with pytest.raises(DTypeError, match="such numbers are floats"):
            DRAWS[name](MRG_RandomStreams(1), "complex64")
