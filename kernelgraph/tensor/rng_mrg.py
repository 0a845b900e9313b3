"""Streams of random numbers that run side by side: `MRG_RandomStreams(seed=12345)`.

The numbers are those of L'Ecuyer's MRG31k3p, in parallel streams 2**72 steps apart; see
`kernelgraph.ops.mrg`.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kernelgraph.errors import ArgumentError, DTypeError
from kernelgraph.expect import came, expect_flag, expect_integer, expect_number
from kernelgraph.graph import Constant, SharedVariable, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.arithmetic import cast
from kernelgraph.ops.functions import cos, log, sin, sqrt
from kernelgraph.ops.mrg import M1, M2, GeneratorState, jump, spaced
from kernelgraph.ops.random import RandomVariable, read_size
from kernelgraph.ops.random_mrg import PickByUniform, TruncatedNormalMRG, UniformMRG
from kernelgraph.ops.reductions import sum_
from kernelgraph.sharing import shared
from kernelgraph.turns import Cell, Turn, store
from kernelgraph.types import Array, Shape, check_dtype, computing, is_float

_MOST_STREAMS = 60 * 256

_CUT_DEVIATION = 0.87962566103423978
"""The deviation of a normal distribution of which only what lies within ±2 is kept."""


class MRG_RandomStreams:  # noqa: N801
    """Makes random variables, each drawn from streams of its own.

    `rstate` is where the streams of the next random variable begin, `state_updates` lists the pairs
    (state, next state) of those made so far.
    """

    def __init__(self, seed: int | tuple[int, ...] = 12345) -> None:
        self.state_updates: list[tuple[SharedVariable, Variable]] = []
        self._next: Cell = [_read_seed(seed)]

    @property
    def rstate(self) -> GeneratorState:
        """Where the streams of the next random variable begin."""
        return self._next[0]

    @rstate.setter
    def rstate(self, state: GeneratorState) -> None:
        self._next[0] = state

    def seed(self, seed: int | tuple[int, ...] | None = None) -> None:
        """Begin anew: all random variables made so far get the streams that they would have been
        given; all at once, between calls of functions that draw.
        """
        start = _read_seed(12345 if seed is None else seed)
        cells, values = [self._next], list[Any]()
        for state, _ in self.state_updates:
            values.append(spaced(start, len(state.get_value(borrow=True)), 72))
            start = jump(start, 134)
            cells.append(state.container)
        store(cells, [start, *values])

    def _streams(self, count: int) -> Array:
        with Turn("a random stream", (), [id(self._next)]):
            found = spaced(self.rstate, count, 72)
            self.rstate = jump(self.rstate, 134)
        return found

    def _keep(self, sample: Variable, *moves: tuple[SharedVariable, Variable]) -> None:
        """Have functions that draw the sample move its states on."""
        for state, following in moves:
            state.default_update = following
            self.state_updates.append((state, following))
        assert isinstance(sample, RandomVariable)
        sample.rng, sample.update = moves[0][0], moves[0]

    def uniform(
        self,
        size: Any,
        low: Any = 0.0,
        high: Any = 1.0,
        ndim: int | None = None,
        dtype: str | None = None,
        nstreams: int | None = None,
    ) -> Variable:
        """Floats between `low` and `high`, all as likely; dtype floatX unless told. float16 is
        rounded from float32, so that `high` itself may occur.
        """
        if _float(dtype) == "float16":
            return cast(self.uniform(size, low, high, ndim, "float32", nstreams), "float16")
        sizes, known = _sizes(size, ndim)
        state = shared(self._streams(_count(nstreams, _guess_streams(known))))
        following, sample = UniformMRG(_float(dtype), known)(state, sizes)
        self._keep(sample, (state, following))
        if isinstance(low, float | int) and isinstance(high, float | int) and (low, high) == (0, 1):
            return sample
        scaled = sample * cast(high, sample.dtype) - sample * cast(low, sample.dtype)
        return scaled + cast(low, sample.dtype)

    def normal(
        self,
        size: Any,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: str | None = None,
        nstreams: int | None = None,
    ) -> Variable:
        """Floats of the normal distribution, by the method of G. Box and M. Muller (1958)."""
        if _float(dtype) == "float16":
            return cast(self.normal(size, avg, std, ndim, "float32", nstreams), "float16")
        entries = _entries(size, ndim)
        count = _product(entries)
        half = (count + 1) // 2
        streams = _count(nstreams, _MOST_STREAMS)
        pairs = self.uniform((2 * half,), dtype=dtype, nstreams=streams)
        radius = sqrt(-2.0 * log(pairs[:half]))
        angle = cast(2 * np.pi, pairs.dtype) * pairs[half:]
        both = _joined(radius * cos(angle), radius * sin(angle))
        sample = both[:count].reshape(entries)
        return sample * cast(std, sample.dtype) + cast(avg, sample.dtype)

    def truncated_normal(
        self,
        size: Any,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: str | None = None,
        nstreams: int | None = None,
    ) -> Variable:
        """Floats of the normal distribution cut off on both sides, with the deviation `std`."""
        if _float(dtype) == "float16":
            return cast(self.truncated_normal(size, avg, std, ndim, "float32", nstreams), "float16")
        sizes, known = read_size(_entries(size, ndim), None)
        op = TruncatedNormalMRG(_float(dtype), known or ())
        streams = _count(nstreams, _MOST_STREAMS)
        states = shared(self._streams(streams)), shared(self._streams(streams))
        *following, sample = op(*states, sizes)
        self._keep(sample, *zip(states, following, strict=True))
        deviation = as_variable(std) / _CUT_DEVIATION
        return sample * cast(deviation, sample.dtype) + cast(avg, sample.dtype)

    def binomial(
        self,
        size: Any,
        n: int = 1,
        p: Any = 0.5,
        ndim: int | None = None,
        dtype: str = "int64",
        nstreams: int | None = None,
    ) -> Variable:
        """How many of `n` trials succeed, each with probability `p`."""
        if not isinstance(p, Variable) and not 0 <= expect_number(p, "a probability") <= 1:
            raise ArgumentError(f"probabilities lie between 0 and 1, not {came(p)}")
        if expect_integer(n, "the number of trials", least=0) == 1:
            numbers = self.uniform(size, ndim=ndim, dtype=_wide(), nstreams=nstreams)
            return cast(numbers < p, dtype)
        trials = self.uniform((*_entries(size, ndim), n), dtype=_wide(), nstreams=nstreams)
        return cast(sum_(cast(trials < p, "int64"), axis=-1), dtype)

    def multinomial(
        self,
        size: None = None,
        n: Any = 1,
        pvals: Any = ((0.5, 0.5),),
        ndim: None = None,
        dtype: str = "int64",
        nstreams: int | None = None,
    ) -> Variable:
        """How often each case comes up in `n` trials, for each row of probabilities."""
        return self._picks("count", size, n, pvals, ndim, dtype, nstreams)

    def choice(
        self,
        size: Any = 1,
        a: None = None,
        replace: bool = False,
        p: Any = ((0.5, 0.5),),
        ndim: None = None,
        dtype: str = "int64",
        nstreams: int | None = None,
    ) -> Variable:
        """The numbers of `size` different cases, for each row of probabilities.

        Raises `ArgumentError` for `a` and for `replace=True`.
        """
        if a is not None or expect_flag(replace, "replace"):
            raise ArgumentError(
                "cases are numbered from 0 and picked once each: leave out a and replace"
            )
        return self._picks("order", None, size, p, ndim, dtype, nstreams)

    def multinomial_wo_replacement(
        self,
        size: None = None,
        n: Any = 1,
        pvals: Any = ((0.5, 0.5),),
        ndim: None = None,
        dtype: str = "int64",
        nstreams: int | None = None,
    ) -> Variable:
        """The old name of `choice`."""
        return self._picks("order", size, n, pvals, ndim, dtype, nstreams)

    def _picks(
        self,
        kind: Literal["count", "order"],
        size: None,
        n: Any,
        p: Any,
        ndim: None,
        dtype: str,
        nstreams: int | None,
    ) -> Variable:
        if size is not None or ndim is not None:
            raise ArgumentError(
                "the rows of the probabilities are the size: leave out size and ndim"
            )
        p = as_variable(p)
        op = PickByUniform(kind, dtype)
        drawn = self.uniform((p.shape[0] * n,), ndim=1, dtype=_wide(), nstreams=nstreams)
        return op(p, drawn, n)


def _entries(size: Any, ndim: int | None) -> tuple[Any, ...]:
    """The sizes of a sample one by one: numbers where they are known, else symbols."""
    sizes, known = _sizes(size, ndim)
    return tuple(sizes[k] if n is None else n for k, n in enumerate(known))


def _sizes(size: Any, ndim: int | None) -> tuple[Variable, Shape]:
    """The sizes of a sample as a vector, and what is known of them. Raises `ArgumentError`."""
    sizes, known = read_size(size, ndim)
    if sizes is None or known is None:
        raise ArgumentError("a size is needed")
    return sizes, known


def _product(entries: tuple[Any, ...]) -> Any:
    """How many numbers a sample has: a number, or a symbol."""
    total: Any = 1
    for n in entries:
        total = total * (cast(n, "int64") if isinstance(n, Variable) else n)
    return total


def _read_seed(seed: int | tuple[int, ...]) -> GeneratorState:
    """Six numbers to begin with.

    Raises `ArgumentError` for seeds that the generator cannot leave.
    """
    several = isinstance(seed, list | tuple)
    state = [_whole(s) for s in seed] if several else [_whole(seed)] * 6
    ends = (M1, M1, M1, M2, M2, M2)
    fits = len(state) == 6 and all(0 <= s < end for s, end in zip(state, ends, strict=False))
    if not fits or not any(state[:3]) or not any(state[3:]):
        raise ArgumentError(
            f"a seed is a number from 1 to {M2 - 1}, or six of them, not {came(seed)}"
        )
    return tuple(int(s) for s in state)


def _whole(value: Any) -> int:
    return expect_integer(value, "a seed, or each of six,")


def _count(nstreams: Any, usual: int) -> int:
    """How many streams run side by side. Raises `ArgumentError`."""
    return usual if nstreams is None else expect_integer(nstreams, "nstreams", 1, 2**24)


def _float(dtype: Any) -> str:
    """The dtype of a sample of floats. Raises `DTypeError`."""
    name = check_dtype("floatX" if dtype is None else dtype)
    if not is_float(name):
        raise DTypeError(f"such numbers are floats, not {name}", hint="T.cast makes integers")
    return name


def _wide() -> str:
    """floatX, or float32 for float16: numbers that are compared must stay below 1."""
    return computing(_float(None))


def _guess_streams(known: tuple[int | None, ...]) -> int:
    """Enough to keep many cores busy; about six numbers a stream for small samples."""
    if None in known:
        return _MOST_STREAMS
    count = int(np.prod([n for n in known if n is not None], dtype=np.int64))
    return max(1, min(count // 6 if count > 6 else count, _MOST_STREAMS))


def _joined(first: Variable, second: Variable) -> Variable:
    """Two vectors of one length, one after the other."""
    rows = as_variable(np.array([[1.0], [0.0]], dtype=first.dtype))
    other = as_variable(np.array([[0.0], [1.0]], dtype=first.dtype))
    assert isinstance(rows, Constant)
    return (rows * first + other * second).flatten()
