"""Streams of random numbers whose states are shared variables: `RandomStreams(seed=234)`.

The numbers are those of NumPy's RandomState (M. Matsumoto and T. Nishimura's MT19937), seeded as
Theano seeds: programs that print them print the same digits.
"""

# NumPy's legacy generators have loose types.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from kernelgraph.errors import ArgumentError, OptionError
from kernelgraph.expect import came
from kernelgraph.graph import Constant, SharedVariable, Variable
from kernelgraph.op import as_variable
from kernelgraph.ops.random import DISTRIBUTIONS, Draw, RandomVariable, read_size
from kernelgraph.sharing import shared
from kernelgraph.turns import store
from kernelgraph.types import Shape, check_dtype


class RandomStreams:
    """Makes random variables, each with a state of its own.

    A function that computes one of them moves its state on (unless compiled with
    `no_default_updates`). `state_updates` lists the pairs (state, next state) of all of them. Sizes
    may be numbers or symbols; without a size, the parameters decide.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.state_updates: list[tuple[SharedVariable, Variable]] = []
        self.default_instance_seed = read_seed(seed)
        self.gen_seedgen = np.random.RandomState(seed)

    def seed(self, seed: int | None = None) -> None:
        """Seed anew the states of all random variables made so far, each differently; all at once,
        between calls of functions that draw.
        """
        given = self.default_instance_seed if seed is None else read_seed(seed)
        seeds = np.random.RandomState(given)
        cells = [state.container for state, _ in self.state_updates]
        store(cells, [np.random.RandomState(int(seeds.randint(2**30))) for _ in cells])

    def _draw(
        self, kind: str, size: Any, ndim: int | None, dtype: str | None, *parameters: Any
    ) -> RandomVariable:
        dtype = check_dtype("floatX" if dtype is None else dtype)
        sizes, known = read_size(size, ndim)
        operands = [as_variable(value) for value in parameters]
        shape = _shape(kind, known, operands)
        state = shared(np.random.RandomState(int(self.gen_seedgen.randint(2**30))), borrow=True)
        op = Draw(kind, dtype, shape, sizes is not None)
        following, sample = op(state, *([] if sizes is None else [sizes]), *operands)
        state.default_update = following
        sample.rng, sample.update = state, (state, following)
        self.state_updates.append(sample.update)
        return sample

    def uniform(
        self,
        size: Any = None,
        low: Any = 0.0,
        high: Any = 1.0,
        ndim: int | None = None,
        dtype: str | None = None,
    ) -> RandomVariable:
        """Floats from `low` up to `high`, all as likely; dtype floatX unless told."""
        return self._draw("uniform", size, ndim, dtype, low, high)

    def normal(
        self,
        size: Any = None,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: str | None = None,
    ) -> RandomVariable:
        """Floats of the normal distribution; dtype floatX unless told."""
        return self._draw("normal", size, ndim, dtype, avg, std)

    def random_integers(
        self,
        size: Any = None,
        low: Any = 0,
        high: Any = 1,
        ndim: int | None = None,
        dtype: str = "int64",
    ) -> RandomVariable:
        """Integers from `low` to `high`, both included."""
        return self._draw("random_integers", size, ndim, dtype, low, high)

    def binomial(
        self,
        size: Any = None,
        n: Any = 1,
        p: Any = 0.5,
        ndim: int | None = None,
        dtype: str = "int64",
    ) -> RandomVariable:
        """How many of `n` trials succeed, each with probability `p`."""
        _check_probabilities(p)
        return self._draw("binomial", size, ndim, dtype, n, p)

    def poisson(
        self, size: Any = None, lam: Any = 1.0, ndim: int | None = None, dtype: str = "int64"
    ) -> RandomVariable:
        """How often something happens that happens `lam` times on average."""
        return self._draw("poisson", size, ndim, dtype, lam)

    def choice(
        self,
        size: Any = None,
        a: Any = 2,
        replace: bool = True,
        p: Any = None,
        ndim: int | None = None,
        dtype: str = "int64",
    ) -> RandomVariable:
        """Elements of `a` (or of the integers below it), with probabilities `p`."""
        if p is None:
            return self._draw("choice_evenly", size, ndim, dtype, a, replace)
        _check_probabilities(p)
        return self._draw("choice", size, ndim, dtype, a, replace, p)

    def permutation(
        self, size: Any = None, n: int = 1, ndim: int | None = None, dtype: str = "int64"
    ) -> RandomVariable:
        """Orders of the integers below `n`: one for each element of `size`, along a last axis."""
        return self._draw("permutation", size, ndim, dtype, n)

    def multinomial(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = (0.5, 0.5),
        ndim: int | None = None,
        dtype: str = "int64",
    ) -> RandomVariable:
        """How often each of several cases comes up in `n` trials, along a last axis."""
        _check_probabilities(pvals)
        return self._draw("multinomial", size, ndim, dtype, n, pvals)

    def shuffle_row_elements(self, input: Any) -> RandomVariable:
        """`input` with the elements of every row in another order."""
        x = as_variable(input)
        return self._draw("shuffle_row_elements", None, None, x.dtype, x)


def read_seed(seed: Any) -> Any:
    """What NumPy's RandomState takes as a seed: None, a number below 2**32, or several of them.

    Raises `OptionError`.
    """
    try:
        np.random.RandomState(seed)
    except Exception as error:
        raise OptionError(f"a seed is an integer from 0 to 2**32 - 1, not {came(seed)}") from error
    return seed


def _check_probabilities(p: Any) -> None:
    values = as_variable(p)
    if not isinstance(values, Constant):
        return
    outside = (values.data < 0) | (values.data > 1) | np.isnan(values.data)
    if outside.any():
        raise ArgumentError(f"probabilities lie between 0 and 1, not {came(p)}")


def _shape(kind: str, known: Shape | None, operands: list[Variable]) -> Shape:
    """What is known of the sizes of a sample."""
    if kind == "shuffle_row_elements":
        return operands[0].tensor_type.shape
    _, own = DISTRIBUTIONS[kind]
    if known is None:
        plain = [v for v in operands if kind not in ("choice", "choice_evenly")]
        known = (None,) * max((v.ndim for v in plain), default=0) if not own else ()
    return (*known, *(None,) * own)
