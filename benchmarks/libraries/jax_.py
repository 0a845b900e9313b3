"""JAX, jitted, with 64-bit numbers; operands are on its device beforehand."""

# pyright: reportMissingImports=false
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.workloads import RATE, Formula, Library, Step


class Jax(Library):
    """Every step is one jitted function, and waits until the result is there."""

    name = "jax"
    version = jax.__version__

    def __init__(self) -> None:
        jax.config.update("jax_enable_x64", True)

    def scalar(self, x: float) -> Step:
        """A jitted sum."""
        f = jax.jit(lambda v: v + 1.0)
        return lambda: f(x).block_until_ready()

    def formula(self, formula: Formula, a: Any, b: Any) -> Step:
        """The formula, jitted."""
        f = jax.jit(lambda a, b: formula.build(jnp, a, b))
        ja, jb = jnp.asarray(a), jnp.asarray(b)
        return lambda: f(ja, jb).block_until_ready()

    def logistic(self, x: Any, y: Any, w: Any) -> Step:
        """Value, gradient and update in one function."""

        def cost(parameters: Any, x: Any, y: Any) -> Any:
            w, b = parameters
            p = 1 / (1 + jnp.exp(-jnp.dot(x, w) - b))
            loss = -y * jnp.log(p) - (1 - y) * jnp.log(1 - p)
            return loss.mean() + 0.01 * (w**2).sum(), (p > 0.5, loss)

        return _training(cost, (jnp.asarray(w), jnp.asarray(0.0)), x, y)

    def perceptron(self, x: Any, t: Any, weights: list[Any]) -> Step:
        """Value, gradient and update in one function."""

        def cost(parameters: Any, x: Any, t: Any) -> Any:
            w1, b1, w2, b2 = parameters
            p = jax.nn.softmax(jnp.tanh(x @ w1 + b1) @ w2 + b2, axis=1)
            value = -(t * jnp.log(p)).sum(axis=1).mean()
            return value, value

        return _training(cost, tuple(map(jnp.asarray, weights)), x, t)


def _training(cost: Any, start: Any, x: Any, y: Any) -> Step:
    @jax.jit
    def train(parameters: Any, x: Any, y: Any) -> Any:
        (_, shown), slopes = jax.value_and_grad(cost, has_aux=True)(parameters, x, y)
        return tuple(w - RATE * g for w, g in zip(parameters, slopes, strict=True)), shown

    state = [start]
    jx, jy = jnp.asarray(x), jnp.asarray(y)

    def step() -> Any:
        state[0], shown = train(state[0], jx, jy)
        return jax.block_until_ready(shown)

    return step


def library() -> Jax:
    """JAX as it comes."""
    return Jax()
