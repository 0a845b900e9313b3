"""NumPy's functions on a line of the complex plane, for derivatives by complex steps.

The imaginary part of a number is the derivative, times a step so small that nothing else is left
of it: f(x + ih) = f(x) + ih f'(x). What chooses looks at real parts; at edges the derivatives are
those that ops promise: 0 for a magnitude at 0, equal shares for those who tie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from tests.support import Array

STEP = 1e-30


def magnitude(x: Array) -> Array:
    """|x|, with the derivative 0 at 0."""
    return np.sign(x.real) * x


def shared(x: Array, sign: int, axis: Any = None) -> Array:
    """The largest (sign 1) or smallest; those who tie have equal shares of the derivative."""
    best = sign * np.max(sign * x.real, axis=axis, keepdims=True)
    tied = x.real == best
    return np.sum(np.where(tied, x, 0), axis=axis) / np.sum(tied, axis=axis)


def larger(x: Array, y: Array) -> Array:
    """The larger of two; those who tie share."""
    return np.where(x.real == y.real, (x + y) / 2, np.where(x.real > y.real, x, y))


def smaller(x: Array, y: Array) -> Array:
    """The smaller of two."""
    return -larger(-x, -y)


def ordered(x: Array, axis: int = -1) -> Array:
    """Sorted by the real parts; equal ones stay in order."""
    return np.take_along_axis(x, np.argsort(x.real, axis, kind="stable"), axis)


def root(x: Array) -> Array:
    """The square root, with the derivative 0 at 0: that of lengths."""
    nothing = abs(x.real) < STEP  # what a step leaves of 0, squared
    return np.where(nothing, 0, np.sqrt(np.where(nothing, 1, x)))


def lifted(function: Callable[..., Any], *fixed: int) -> Callable[..., Array]:
    """A function of real numbers by mpmath, with its derivative by each operand that is not
    `fixed`, to 30 digits.
    """

    def applied(*operands: Array) -> Array:
        arrays = np.broadcast_arrays(*operands)
        out = np.empty(arrays[0].shape, complex)
        for place in np.ndindex(out.shape):
            out[place] = _with_derivative(function, [a[place] for a in arrays], fixed)
        return out

    return applied


def _with_derivative(
    function: Callable[..., Any], numbers: Sequence[Any], fixed: Sequence[int]
) -> complex:
    with mpmath.workdps(40):
        at = [mpmath.mpf(float(z.real)) for z in numbers]
        total = mpmath.mpf(0)
        for k, z in enumerate(numbers):
            if z.imag and k not in fixed:
                order = [int(k == j) for j in range(len(at))]
                total += mpmath.diff(function, tuple(at), tuple(order)) * mpmath.mpf(float(z.imag))
        return complex(float(mpmath.re(function(*at))), float(mpmath.re(total)))


# -------------------------------------------------------------------------------- linear algebra


def cholesky(a: Array) -> Array:
    """The lower factor of the lower triangle, without conjugates."""
    n = len(a)
    low = np.zeros((n, n), complex)
    for j in range(n):
        low[j, j] = np.sqrt(a[j, j] - np.sum(low[j, :j] ** 2))
        for i in range(j + 1, n):
            low[i, j] = (a[i, j] - np.sum(low[i, :j] * low[j, :j])) / low[j, j]
    return low


def qr(a: Array) -> tuple[Array, Array]:
    """Q and R of at least as many rows as columns, with LAPACK's signs."""
    signs = np.sign(np.diag(np.linalg.qr(a.real)[1]))[:, None]
    upper = cholesky(a.T @ a).T * signs
    return a @ np.linalg.inv(upper), upper


def symmetric(a: Array) -> Array:
    """The symmetric matrix that the lower triangle stands for."""
    return np.tril(a) + np.tril(a, -1).T


def eigenpairs(a: Array) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors of a symmetric matrix: each pair moves as the equations
    A v = w v and v v = 1 say.
    """
    values, vectors = np.linalg.eigh(a.real)
    values, vectors = values + 0j, vectors + 0j
    n = len(a)
    for k in range(n):
        v = vectors[:, k].real
        left = np.zeros((n + 1, n + 1))
        left[:n, :n] = a.real - values[k].real * np.eye(n)
        left[:n, n], left[n, :n] = -v, 2 * v
        moved = np.linalg.solve(left, np.append(-(a.imag / STEP) @ v, 0))
        vectors[:, k] += 1j * STEP * moved[:n]
        values[k] += 1j * STEP * moved[n]
    return values, vectors


def singular(a: Array) -> tuple[Array, Array, Array]:
    """U, the singular values and Vᵀ, of at most as many columns as rows: each triple moves as
    A v = s u, Aᵀ u = s v and u u + v v = 2 say.
    """
    u, s, vt = (part + 0j for part in np.linalg.svd(a.real, full_matrices=False))
    m, n = a.shape
    for k in range(n):
        uk, vk, sk = u[:, k].real, vt[k].real, s[k].real
        left = np.zeros((m + n + 1, m + n + 1))
        left[:m, :m], left[m : m + n, m : m + n] = -sk * np.eye(m), -sk * np.eye(n)
        left[:m, m : m + n], left[m : m + n, :m] = a.real, a.real.T
        left[:m, -1], left[m:-1, -1] = -uk, -vk
        left[-1, :m], left[-1, m:-1] = uk, vk
        da = a.imag / STEP
        moved = np.linalg.solve(left, np.concatenate([-da @ vk, -da.T @ uk, [0]]))
        u[:, k] += 1j * STEP * moved[:m]
        vt[k] += 1j * STEP * moved[m:-1]
        s[k] += 1j * STEP * moved[-1]
    return u, s, vt


def exponential(a: Array) -> Array:
    """Of a matrix, by its series, scaled by a power of two."""
    term = total = np.eye(len(a), dtype=complex)
    for k in range(1, 30):
        term = term @ a / (k * 64)
        total = total + term
    for _ in range(6):
        total = total @ total
    return total


def gaussian_solution(a: Array, b: Array) -> Array:
    """The solution of linear equations."""
    return np.linalg.solve(a, b)


def softmax(x: Array, axis: int = -1) -> Array:
    """Shares of exponentials."""
    e = np.exp(x - np.max(x.real, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def logsumexp(x: Array, axis: int = -1) -> Array:
    """The logarithm of the sum of exponentials."""
    return np.log(np.sum(np.exp(x), axis=axis))


def logarithm_of_magnitude(x: Array) -> Array:
    """log |x|."""
    return np.log(np.sign(x.real) * x)
