"""The names of Theano's language, and for each an expression with what it must be.

A line has a name, an expression in Theano's words, and the same in NumPy's (`sp` is
`scipy.special`, `la` is `scipy.linalg`, `lower` and `upper` are its `solve_triangular`). Symbols
and values have the same names: `VALUES`. What is no symbol is compared as it is; `!TypeError` says
that the expression is refused. Names without an expression of their own stand in `ELSEWHERE`, with
the test that shows what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

VALUES: dict[str, Any] = {
    "s": np.float64(0.75),
    "x": np.array([-1.5, 0.25, 0.0, 2.5]),
    "y": np.array([0.5, 1.25, 3.0, 0.75]),
    "u": np.array([-0.5, 0.25, 0.75, 0.0]),
    "m": np.arange(12.0).reshape(3, 4) - 5,
    "n": np.linspace(-1, 2, 12).reshape(4, 3),
    "q": np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]]),
    "t": np.arange(24.0).reshape(2, 3, 4),
    "r": np.array([[1.0, 2.0, 3.0, 4.0]]),
    "c": np.array([[1.0], [2.0], [3.0]]),
    "f": np.array([1.5, -2.0], dtype="float32"),
    "i": np.array([2, 0, 1]),
    "j": np.array([-7, 5, 3, 0]),
    "k": np.int64(2),
    "p": np.array([True, False, True, True]),
    "o": np.array([True, True, False, False]),
    "z": np.array([1 + 2j, -0.5j, 2.0 + 0j]),
}

TABLE = r"""
# theano.tensor: elementwise
abs_              T.abs_(x)                              np.abs(x)
add               T.add(x, y)                            x + y
sub               T.sub(x, y)                            x - y
mul               T.mul(x, y, 2)                         x * y * 2
true_div          T.true_div(x, y)                       x / y
true_div          T.true_div(j, k)                       j / k
int_div           T.int_div(j, k)                        j // k
int_div           T.int_div(x, y)                        x // y
floor_div         T.floor_div(x, y)                      x // y
mod               T.mod(j, 3)                            j % 3
mod               T.mod(x, -y)                           x % -y
divmod            divmod(j, k)[1]                        j % k
neg               T.neg(x)                               -x
pow               T.pow(y, s)                            y ** s
sgn               T.sgn(x)                               np.sign(x)
sqr               T.sqr(x)                               x * x
sqrt              T.sqrt(y)                              np.sqrt(y)
inv               T.inv(y)                               1 / y
exp               T.exp(x)                               np.exp(x)
exp2              T.exp2(x)                              np.exp2(x)
expm1             T.expm1(x)                             np.expm1(x)
log               T.log(y)                               np.log(y)
log1p             T.log1p(y)                             np.log1p(y)
log2              T.log2(y)                              np.log2(y)
log10             T.log10(y)                             np.log10(y)
sin               T.sin(x)                               np.sin(x)
cos               T.cos(x)                               np.cos(x)
tan               T.tan(x)                               np.tan(x)
arcsin            T.arcsin(u)                            np.arcsin(u)
arccos            T.arccos(u)                            np.arccos(u)
arctan            T.arctan(x)                            np.arctan(x)
arctan2           T.arctan2(x, y)                        np.arctan2(x, y)
sinh              T.sinh(x)                              np.sinh(x)
cosh              T.cosh(x)                              np.cosh(x)
tanh              T.tanh(x)                              np.tanh(x)
arcsinh           T.arcsinh(x)                           np.arcsinh(x)
arccosh           T.arccosh(y + 1)                       np.arccosh(y + 1)
arctanh           T.arctanh(u)                           np.arctanh(u)
ceil              T.ceil(x)                              np.ceil(x)
floor             T.floor(x)                             np.floor(x)
trunc             T.trunc(x)                             np.trunc(x)
round             T.round(x * 1)                         np.round(x)
round             T.round(x, mode="half_away_from_zero")  np.array([-2.0, 0.0, 0.0, 3.0])
iround            T.iround(x)                            np.round(x).astype("int64")
maximum           T.maximum(x, y)                        np.maximum(x, y)
minimum           T.minimum(x, y)                        np.minimum(x, y)
largest           T.largest(x, y)                        np.maximum(x, y)
smallest          T.smallest(x, y)                       np.minimum(x, y)
clip              T.clip(x, -1, 1)                       np.clip(x, -1, 1)
switch            T.switch(p, x, y)                      np.where(p, x, y)
where             T.where(p, x, y)                       np.where(p, x, y)
eq                T.eq(x, 0)                             x == 0
neq               T.neq(x, 0)                            x != 0
lt                T.lt(x, y)                             x < y
le                T.le(x, y)                             x <= y
gt                T.gt(x, y)                             x > y
ge                T.ge(x, y)                             x >= y
isnan             T.isnan(T.log(x))                      np.isnan(np.log(x))
isinf             T.isinf(1 / x)                         np.isinf(1 / x)
isclose           T.isclose(x, x + 1e-9)                 np.isclose(x, x + 1e-9)
allclose          T.allclose(x, y)                       np.bool_(False)
and_              T.and_(p, o)                           p & o
or_               T.or_(p, o)                            p | o
xor               T.xor(p, o)                            p ^ o
invert            T.invert(p)                            ~p
bitwise_and       T.bitwise_and(j, 6)                    j & 6
bitwise_or        T.bitwise_or(j, 6)                     j | 6
bitwise_xor       T.bitwise_xor(j, 6)                    j ^ 6
bitwise_not       T.bitwise_not(j)                       ~j
erf               T.erf(x)                               sp.erf(x)
erfc              T.erfc(x)                              sp.erfc(x)
erfcx             T.erfcx(x)                             sp.erfcx(x)
erfinv            T.erfinv(u)                            sp.erfinv(u)
erfcinv           T.erfcinv(y / 2)                       sp.erfcinv(y / 2)
gamma             T.gamma(y)                             sp.gamma(y)
gammaln           T.gammaln(y)                           sp.gammaln(y)
psi               T.psi(y)                               sp.psi(y)
tri_gamma         T.tri_gamma(y)                         sp.polygamma(1, y)
chi2sf            T.chi2sf(y, y + 1)                     sp.chdtrc(y + 1, y)
gammainc          T.gammainc(y, y + 1)                   sp.gammainc(y, y + 1)
gammaincc         T.gammaincc(y, y + 1)                  sp.gammaincc(y, y + 1)
j0                T.j0(y)                                sp.j0(y)
j1                T.j1(y)                                sp.j1(y)
jv                T.jv(2, y)                             sp.jv(2, y)
i0                T.i0(y)                                sp.i0(y)
i1                T.i1(y)                                sp.i1(y)
iv                T.iv(2, y)                             sp.iv(2, y)
deg2rad           T.deg2rad(x)                           np.deg2rad(x)
rad2deg           T.rad2deg(x)                           np.rad2deg(x)
real              T.real(z)                              z.real
imag              T.imag(z)                              z.imag
conj              T.conj(z)                              z.conj()
angle             T.angle(z)                             np.angle(z)
complex           T.complex(x, y)                        x + 1j * y
complex_from_polar  T.complex_from_polar(y, x)           y * np.exp(1j * x)
cast              T.cast(x, "int32")                     x.astype("int32")
cast              T.cast(z, "float64")                   !TypeError
# theano.tensor: creation
zeros             T.zeros((2, k))                        np.zeros((2, 2))
ones              T.ones((k, 3), dtype="int8")           np.ones((2, 3), "int8")
zeros_like        T.zeros_like(m)                        np.zeros_like(m)
ones_like         T.ones_like(j)                         np.ones_like(j)
identity_like     T.identity_like(q)                     np.eye(3)
fill              T.fill(m, s)                           np.full((3, 4), 0.75)
second            T.second(m, s)                         np.full((3, 4), 0.75)
alloc             T.alloc(s, 2, k)                       np.full((2, 2), 0.75)
eye               T.eye(3, 4, 1)                         np.eye(3, 4, 1)
tri               T.tri(3, 4, 1)                         np.tri(3, 4, 1)
tril              T.tril(m, -1)                          np.tril(m, -1)
triu              T.triu(m)                              np.triu(m)
diag              T.diag(x)                              np.diag(x)
diag              T.diag(q)                              np.diag(q)
diagonal          T.diagonal(m, 1)                       np.diagonal(m, 1)
arange            T.arange(1, 9, k)                      np.arange(1, 9, 2)
mgrid             T.mgrid[0:2, 0:3][1]                   np.mgrid[0:2, 0:3][1]
ogrid             T.ogrid[0:2, 0:3][0]                   np.ogrid[0:2, 0:3][0]
stack             T.stack([x, y])                        np.stack([x, y])
stacklists        T.stacklists([[s, 1], [2, s]])         np.array([[0.75, 1], [2, 0.75]])
concatenate       T.concatenate([m, r], axis=0)          np.concatenate([m, r])
join              T.join(1, m, m)                        np.concatenate([m, m], 1)
split             T.split(x, [1, 3], 2)[1]               x[1:]
tile              T.tile(x, 2)                           np.tile(x, 2)
repeat            T.repeat(x, 2)                         np.repeat(x, 2)
roll              T.roll(x, 1)                           np.roll(x, 1)
constant          T.constant([1.0, 2.0]) + s             np.array([1.75, 2.75])
as_tensor_variable  T.as_tensor_variable([s, 1.0])       np.array([0.75, 1.0])
# theano.tensor: reductions
sum               T.sum(m, axis=0)                       m.sum(0)
prod              T.prod(m, axis=[0, 1])                 m.prod()
mean              T.mean(m, axis=-1, keepdims=True)      m.mean(-1, keepdims=True)
var               T.var(m, axis=0, ddof=1)               m.var(0, ddof=1)
std               T.std(m)                               m.std()
max               T.max(m, axis=1)                       m.max(1)
min               T.min(m)                               m.min()
argmax            T.argmax(m, axis=1)                    m.argmax(1)
argmin            T.argmin(m)                            m.argmin()
max_and_argmax    T.max_and_argmax(x)[1]                 x.argmax()
any               T.any(p)                               p.any()
all               T.all(p)                               p.all()
ptp               T.ptp(m, axis=0)                       np.ptp(m, 0)
cumsum            T.cumsum(m, axis=1)                    m.cumsum(1)
cumprod           T.cumprod(m)                           m.cumprod()
diff              T.diff(x)                              np.diff(x)
bincount          T.bincount(i)                          np.bincount(i)
searchsorted      T.searchsorted(T.sort(y), s)           np.searchsorted(np.sort(y), s)
sort              T.sort(m, axis=0)                      np.sort(m, 0)
argsort           T.argsort(x)                           np.argsort(x)
topk              T.sort(T.topk(x, 2))                   np.array([0.25, 2.5])
argtopk           T.sort(T.argtopk(x, 2))                np.array([1, 3])
unique            T.unique(i)                            np.unique(i)
# theano.tensor: products
dot               T.dot(m, n)                            m @ n
dot               T.dot(t, x)                            np.dot(t, x)
batched_dot       T.batched_dot(t, t.transpose(0, 2, 1))  t @ t.transpose(0, 2, 1)
batched_tensordot  T.batched_tensordot(t, t, [[1, 2], [1, 2]])  np.einsum("abc,abc->a", t, t)
tensordot         T.tensordot(t, m, 2)                   np.tensordot(t, m, 2)
outer             T.outer(x, y)                          np.outer(x, y)
# theano.tensor: shapes
shape             T.shape(m)                             np.array([3, 4])
reshape           T.reshape(m, (2, -1))                  m.reshape(2, 6)
flatten           T.flatten(t, 2)                        t.reshape(2, 12)
Flatten           T.Flatten(2)(t)                        t.reshape(2, 12)
shape_padleft     T.shape_padleft(x, 2)                  x[None, None]
shape_padright    T.shape_padright(x)                    x[:, None]
shape_padaxis     T.shape_padaxis(m, 1)                  m[:, None]
specify_shape     T.specify_shape(m, (3, 4))             m
addbroadcast      T.addbroadcast(T.reshape(x, (1, 4)), 0) + m  x[None] + m
unbroadcast       T.unbroadcast(r, 0)                    r
patternbroadcast  T.patternbroadcast(r, (True, False)) + m  r + m
transpose         T.transpose(t)                         t.T
swapaxes          T.swapaxes(t, 0, 2)                    t.swapaxes(0, 2)
squeeze           T.squeeze(r)                           r[0]
# theano.tensor: indexing
inc_subtensor     T.inc_subtensor(x[1:3], 1)             x + np.array([0, 1, 1, 0])
set_subtensor     T.set_subtensor(x[i], 7.0)             np.array([7, 7, 7, 2.5])
take              T.take(m, i, axis=0)                   m[i]
choose            T.choose(i, [n[:3, 0], n[:3, 1], n[:3, 2]])  np.choose(i, n[:3].T)
nonzero           T.nonzero(m > 0)[0]                    np.nonzero(m > 0)[0]
nonzero_values    T.nonzero_values(x)                    x[x != 0]
# theano.tensor: calculus
grad              T.grad(T.sum(x ** 3), x)               3 * x ** 2
jacobian          T.jacobian(x ** 2, x)                  np.diag(2 * x)
hessian           T.hessian(T.sum(x ** 3), x)            np.diag(6 * x)
Rop               T.Rop(x ** 2, x, y)                    2 * x * y
Lop               T.Lop(x ** 2, x, y)                    2 * x * y
get_scalar_constant_value  T.get_scalar_constant_value(T.constant(2.5))  2.5
verify_grad       T.verify_grad(lambda a: a ** 2, [np.ones(2)])  None
# methods of variables
T                 m.T                                    m.T
all               p.all()                                p.all()
any               p.any()                                p.any()
arccos            u.arccos()                             np.arccos(u)
arccosh           (y + 1).arccosh()                      np.arccosh(y + 1)
arcsin            u.arcsin()                             np.arcsin(u)
arcsinh           x.arcsinh()                            np.arcsinh(x)
arctan            x.arctan()                             np.arctan(x)
arctanh           u.arctanh()                            np.arctanh(u)
argmax            m.argmax(axis=0)                       m.argmax(axis=0)
argmin            m.argmin()                             m.argmin()
argsort           x.argsort()                            x.argsort()
astype            x.astype("int8")                       x.astype("int8")
ceil              x.ceil()                               np.ceil(x)
choose            i.choose(n[:3].T)                      np.choose(i, n[:3].T)
clip              x.clip(-1, 1)                          x.clip(-1, 1)
compress          m.compress(p[:3], axis=0)              m.compress(p[:3], axis=0)
conj              z.conj()                               z.conj()
conjugate         z.conjugate()                          z.conjugate()
copy              x.copy()                               x
cos               x.cos()                                np.cos(x)
cosh              x.cosh()                               np.cosh(x)
cumprod           x.cumprod()                            x.cumprod()
cumsum            m.cumsum(axis=0)                       m.cumsum(axis=0)
deg2rad           x.deg2rad()                            np.deg2rad(x)
diagonal          q.diagonal()                           q.diagonal()
dimshuffle        m.dimshuffle(1, "x", 0)                m.T[:, None]
dot               m.dot(n)                               m.dot(n)
exp               x.exp()                                np.exp(x)
exp2              x.exp2()                               np.exp2(x)
expm1             x.expm1()                              np.expm1(x)
fill              m.fill(s)                              np.full((3, 4), 0.75)
flatten           t.flatten(2)                           t.reshape(2, 12)
floor             x.floor()                              np.floor(x)
imag              z.imag                                 z.imag
log               y.log()                                np.log(y)
log10             y.log10()                              np.log10(y)
log1p             y.log1p()                              np.log1p(y)
log2              y.log2()                               np.log2(y)
max               m.max(axis=0)                          m.max(axis=0)
mean              m.mean()                               m.mean()
min               m.min(axis=(0, 1))                     m.min()
nonzero           m.nonzero()[1]                         m.nonzero()[1]
nonzero_values    x.nonzero_values()                     x[x != 0]
norm              m.norm(2)                              np.sqrt((m ** 2).sum())
ones_like         x.ones_like()                          np.ones_like(x)
prod              y.prod()                               y.prod()
ptp               x.ptp()                                np.ptp(x)
rad2deg           x.rad2deg()                            np.rad2deg(x)
ravel             m.ravel()                              m.ravel()
real              z.real                                 z.real
repeat            x.repeat(2)                            x.repeat(2)
reshape           m.reshape((4, 3))                      m.reshape((4, 3))
round             x.round()                              np.round(x)
searchsorted      y.sort().searchsorted(s)               np.sort(y).searchsorted(s)
shape             m.shape                                np.array([3, 4])
sin               x.sin()                                np.sin(x)
sinh              x.sinh()                               np.sinh(x)
size              m.size                                 np.int64(12)
sort              m.sort(axis=0)                         np.sort(m, 0)
sqrt              y.sqrt()                               np.sqrt(y)
squeeze           r.squeeze()                            r.squeeze()
std               m.std(axis=1)                          m.std(axis=1)
sum               m.sum(axis=1)                          m.sum(axis=1)
swapaxes          t.swapaxes(0, 1)                       t.swapaxes(0, 1)
take              m.take(i, axis=0)                      m.take(i, axis=0)
tan               x.tan()                                np.tan(x)
tanh              x.tanh()                               np.tanh(x)
trace             q.trace()                              q.trace()
transfer          x.transfer("cpu")                      x
transpose         t.transpose(1, 0, 2)                   t.transpose(1, 0, 2)
trunc             x.trunc()                              np.trunc(x)
var               m.var(axis=0)                          m.var(axis=0)
zeros_like        x.zeros_like()                         np.zeros_like(x)
broadcastable     r.broadcastable                        (True, False)
dtype             f.dtype                                "float32"
ndim              t.ndim                                 3
name              t.name                                 "t"
type              m.type == T.TensorType("float64", (False, False))  True
owner             (x + y).owner.op == T.add              True
tag               x.tag.__class__.__name__ != ""         True
auto_name         x.auto_name != y.auto_name             True
eval              (x + 1).eval({x: np.zeros(4)})         np.ones(4)
get_parents       len((x + y).get_parents())             1
get_scalar_constant_value  T.constant(2.5).get_scalar_constant_value()  2.5
# theano.tensor.nlinalg
nlinalg.matrix_inverse  T.nlinalg.matrix_inverse(q)      np.linalg.inv(q)
nlinalg.pinv      T.nlinalg.pinv(m)                      np.linalg.pinv(m)
nlinalg.det       T.nlinalg.det(q)                       np.linalg.det(q)
nlinalg.eigh      T.nlinalg.eigh(q)[0]                   np.linalg.eigh(q)[0]
nlinalg.eig       T.real(T.nlinalg.eig(q)[0].sum())              np.trace(q)
nlinalg.svd       T.nlinalg.svd(q)[1]                    np.linalg.svd(q)[1]
nlinalg.qr        abs(T.nlinalg.qr(q)[1])                abs(np.linalg.qr(q)[1])
nlinalg.trace     T.nlinalg.trace(q)                     np.trace(q)
nlinalg.norm      T.nlinalg.norm(q, ord=2)               np.linalg.norm(q, 2)
nlinalg.matrix_power  T.nlinalg.matrix_power(q, 3)       q @ q @ q
nlinalg.matrix_dot  T.nlinalg.matrix_dot(m, n, q)        m @ n @ q
nlinalg.tensorinv  T.nlinalg.tensorinv(q.reshape((3, 3)), ind=1)  np.linalg.inv(q)
nlinalg.tensorsolve  T.nlinalg.tensorsolve(q, x[:3])     np.linalg.solve(q, x[:3])
nlinalg.lstsq     T.nlinalg.lstsq(n * n + n, x, -1)[0]  np.linalg.lstsq(n * n + n, x, -1)[0]
nlinalg.alloc_diag  T.nlinalg.alloc_diag(x)              np.diag(x)
nlinalg.extract_diag  T.nlinalg.extract_diag(q)          np.diag(q)
# theano.tensor.slinalg
slinalg.cholesky  T.slinalg.cholesky(q)                  np.linalg.cholesky(q)
slinalg.solve     T.slinalg.solve(q, x[:3])              np.linalg.solve(q, x[:3])
slinalg.solve_lower_triangular  T.slinalg.solve_lower_triangular(q, x[:3])  lower(q, x[:3])
slinalg.solve_upper_triangular  T.slinalg.solve_upper_triangular(q, x[:3])  upper(q, x[:3])
slinalg.eigvalsh  T.slinalg.eigvalsh(q, None)            la.eigvalsh(q)
slinalg.kron      T.slinalg.kron(q, q)                   np.kron(q, q)
slinalg.expm      T.slinalg.expm(q)                      la.expm(q)
"""


class Row(NamedTuple):
    """A name, the expression that shows it, and what that must be."""

    group: str
    name: str
    expression: str
    expected: str


def rows() -> Iterator[Row]:
    """The lines of the table, in order, with the heading that they stand under."""
    group = ""
    for line in TABLE.strip().splitlines():
        if line.startswith("#"):
            group = line.removeprefix("# ")
            continue
        name, expression, expected = re.split(r" {2,}", line.strip())
        yield Row(group, name, expression, expected)


PREFIXES = {
    "b": "int8", "w": "int16", "i": "int32", "l": "int64", "f": "float32", "d": "float64",
    "c": "complex64", "z": "complex128",
}  # fmt: skip
PATTERNS: dict[str, tuple[bool, ...]] = {
    "scalar": (), "vector": (False,), "matrix": (False, False), "row": (True, False),
    "col": (False, True), **{f"tensor{k}": (False,) * k for k in range(3, 8)},
}  # fmt: skip
PLURALS = {"matrix": "matrices"}
"""Constructors: every prefix with every pattern, and the plural of each."""

ELSEWHERE: dict[str, dict[str, str]] = {
    "theano": {
        "Apply Op": "theano/test_tuples.py::test_a_function_of_a_node",
        "Type Variable": "theano/test_alias.py::test_classes_that_programs_ask_for",
        "FunctionGraph": "theano/test_fgraph.py::test_features_are_told_of_every_change",
        "In": "test_arguments.py::test_defaults_are_given_by_place_or_by_name",
        "Mode": "theano/test_modes.py::test_every_pair_of_names",
        "Lop Rop": "tensor/test_gradients.py::test_products_with_the_jacobian",
        "clone": "test_graph.py::test_copies_of_graphs_compute_the_same",
        "config": "theano/test_alias.py::test_settings_are_ours_and_what_else_theano_has",
        "dot": "theano/test_parity.py::test_a_name_means_what_it_means_in_theano",
        "map foldl foldr reduce": "theano/test_loops.py::test_map_reduce_and_the_two_folds",
        "scan_checkpoints": "theano/test_loops.py::test_chunks_of_a_loop_are_the_loop",
        "sparse_grad": "theano/test_calls.py::test_a_sparse_gradient_is_the_gradient",
        "function": "test_function.py::test_the_form_of_the_outputs",
        "grad": "theano/test_calls.py::test_a_gradient_is_the_same_with_another_text",
        "pp pprint": "theano/test_text.py::test_formulas",
        "scan": "ops/test_scan.py::test_a_state_is_fed_back",
        "shared": "test_function.py::test_the_type_of_a_shared_variable",
        "givens": "test_function.py::test_givens_put_something_in_a_place",
        "updates": "test_function.py::test_updates_happen_together",
        "default_update": "test_arguments.py::test_a_shared_variable_brings_its_update",
        "copy": "test_arguments.py::test_a_copy_with_a_state_of_its_own",
        "pickle": "test_pickling.py::test_training_goes_on_in_another_process",
    },
    "theano.tensor": {
        "Elemwise TensorType TensorVariable TensorConstant": "theano/test_alias.py::"
        "test_classes_that_programs_ask_for",
        "pprint": "theano/test_text.py::test_formulas",
    },
    "theano.printing": {
        "debugprint": "theano/test_text.py::test_an_expression",
        "pp pprint": "theano/test_text.py::test_formulas",
        "pydotprint": "theano/test_pydot_print.py::test_files",
        "Print": "ops/test_printing.py::test_it_prints_and_hands_on",
    },
    "theano.ifelse": {"ifelse": "ops/test_control.py::test_only_the_chosen_branch_runs"},
    "theano.compile.debugmode": {
        "DebugMode": "tensor/test_debugging.py::test_an_op_that_is_not_what_it_promises"
    },
    "theano.compile.nanguardmode": {
        "NanGuardMode": "tensor/test_watching.py::test_an_input_that_is_no_number"
    },
    "theano.compile.monitormode": {
        "MonitorMode": "tensor/test_watching.py::test_yours_are_called_before_and_after_each_node"
    },
    "theano.tensor.shared_randomstreams": {
        "RandomStreams": "tensor/test_shared_randomstreams.py::"
        "test_the_numbers_are_those_of_theano",
        "shared_constructor": "theano/test_calls.py::test_shared_variables_of_ones_own",
    },
    "theano.sandbox.rng_mrg": {
        "MRG_RandomStreams": "tensor/test_rng_mrg.py::test_what_theano_draws"
    },
}
"""Names that one expression does not show: the test that does."""

LATER: dict[str, str] = {
    "theano.tensor.nnet: batch_normalization confusion_matrix conv2d conv2d_transpose conv3d "
    "crossentropy_softmax_argmax_1hot_with_bias elu h_softmax hard_sigmoid selu separable_conv2d "
    "sigmoid_binary_crossentropy softsign ultra_fast_sigmoid": "neural nets come by themselves",
    "theano.sparse: *": "sparse matrices come by themselves",
    "theano.tensor.signal.pool: *": "pooling comes with neural nets",
    "theano.tensor.signal.conv: *": "convolution comes with neural nets",
}
"""Names that are not here, and why."""
