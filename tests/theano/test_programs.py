"""Programs that train small nets, written as people write them for Theano: shared data behind
givens, streams for corruption, dropout and sampling, loops, and models that are saved and go on.

Each learns what its data hold; those with a stream or a saved state go on exactly where they were.
"""

from __future__ import annotations

import itertools
import pickle
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kernelgraph import theano as alias
from kernelgraph.config import config

ROWS, COLUMNS, CLASSES, BATCH = 120, 12, 3, 20


@pytest.fixture
def theano() -> Iterator[Any]:
    with config.change_flags(floatX="float64", on_unused_input="raise"):
        yield alias.install()
    alias.uninstall()


def _data(seed: int = 0) -> tuple[Any, Any]:
    """Three kinds of rows between 0 and 1, each bright in a third of its columns."""
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, CLASSES, ROWS)
    rows = 0.25 * chance.random((ROWS, COLUMNS))
    for row, label in zip(rows, labels, strict=True):
        row[4 * label : 4 * label + 4] += 0.6
    return rows, labels.astype("int32")


def _weights(chance: Any, rows: int, columns: int) -> Any:
    bound = np.sqrt(6.0 / (rows + columns))
    return chance.uniform(-bound, bound, (rows, columns))


def _minibatches(theano: Any, x: Any, y: Any = None) -> tuple[Any, Any]:
    """An index, and givens that put the rows of one batch in place of x and y."""
    rows, labels = _data()
    index = theano.tensor.lscalar("index")
    part = slice(index * BATCH, (index + 1) * BATCH)
    givens = {x: theano.shared(rows, "rows", borrow=True)[part]}
    if y is not None:
        givens[y] = theano.shared(labels, "labels", borrow=True)[part]
    return index, givens


def _epochs(step: Any, count: int) -> list[float]:
    return [float(np.mean([step(k) for k in range(ROWS // BATCH)])) for _ in range(count)]


def test_logistic_regression_saved_and_loaded(theano: Any) -> None:
    T = theano.tensor
    x, y = T.matrix("x"), T.ivector("y")
    W = theano.shared(np.zeros((COLUMNS, CLASSES)), "W")
    b = theano.shared(np.zeros(CLASSES), "b")
    p = T.nnet.softmax(T.dot(x, W) + b)
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    errors = T.mean(T.neq(T.argmax(p, axis=1), y))
    index, givens = _minibatches(theano, x, y)
    updates = [(v, v - 1.0 * g) for v, g in zip((W, b), T.grad(cost, [W, b]), strict=True)]
    train = theano.function([index], cost, updates=updates, givens=givens)
    test = theano.function([index], errors, givens=givens)
    costs = _epochs(train, 20)
    assert costs[-1] < 0.3 * costs[0]
    assert _epochs(test, 1)[0] < 0.05
    saved = pickle.dumps((train, [W, b]))
    again, (W2, _) = pickle.loads(saved)
    assert [train(k) for k in range(3)] == [again(k) for k in range(3)]
    np.testing.assert_array_equal(W.get_value(), W2.get_value())


def test_a_perceptron_with_dropout(theano: Any) -> None:
    T, chance = theano.tensor, np.random.default_rng(1)
    rng = T.shared_randomstreams.RandomStreams(23)
    x, y = T.matrix("x"), T.ivector("y")
    W = theano.shared(_weights(chance, COLUMNS, 16), "W")
    V = theano.shared(_weights(chance, 16, CLASSES), "V")
    b, c = theano.shared(np.zeros(16), "b"), theano.shared(np.zeros(CLASSES), "c")
    hidden = T.tanh(T.dot(x, W) + b)
    kept = rng.binomial(size=hidden.shape, n=1, p=0.8, dtype="float64")
    params = [W, V, b, c]
    p = T.nnet.softmax(T.dot(hidden * kept / 0.8, V) + c)
    cost = T.nnet.categorical_crossentropy(p, y).mean() + 1e-4 * ((W**2).sum() + abs(V).sum())
    index, givens = _minibatches(theano, x, y)
    grads = T.grad(cost, params)
    velocities = [theano.shared(np.zeros_like(v.get_value())) for v in params]
    updates = OrderedDict()
    for v, m, g in zip(params, velocities, grads, strict=True):
        updates[m] = 0.5 * m - 0.2 * g
        updates[v] = v + updates[m]
    train = theano.function([index], cost, updates=updates, givens=givens)
    first = train(0)
    W.set_value(W.get_value())
    assert train(0) != first, "another mask is drawn at each call"
    costs = _epochs(train, 15)
    assert costs[-1] < 0.4 * costs[0]


@pytest.mark.parametrize("stream", ["RandomStreams", "MRG_RandomStreams"])
def test_a_denoising_autoencoder(theano: Any, stream: str) -> None:
    T, chance = theano.tensor, np.random.default_rng(2)
    if stream == "RandomStreams":
        rng = T.shared_randomstreams.RandomStreams(5)
    else:
        from theano.sandbox.rng_mrg import MRG_RandomStreams  # pyright: ignore[reportMissingImports]

        rng = MRG_RandomStreams(5)
    x = T.matrix("x")
    W = theano.shared(_weights(chance, COLUMNS, 8), "W")
    b, c = theano.shared(np.zeros(8), "b"), theano.shared(np.zeros(COLUMNS), "c")
    corrupted = rng.binomial(size=x.shape, n=1, p=0.7, dtype="float64") * x
    hidden = T.nnet.sigmoid(T.dot(corrupted, W) + b)
    z = T.nnet.sigmoid(T.dot(hidden, W.T) + c)
    cost = T.mean(-T.sum(x * T.log(z) + (1 - x) * T.log(1 - z), axis=1))
    index, givens = _minibatches(theano, x)
    params = [W, b, c]
    updates = [(v, v - 0.3 * g) for v, g in zip(params, T.grad(cost, params), strict=True)]
    train = theano.function([index], cost, updates=updates, givens=givens)
    costs = _epochs(train, 15)
    assert np.isfinite(costs).all()
    assert costs[-1] < 0.95 * costs[0]
    again = pickle.loads(pickle.dumps(train))
    assert [train(k) for k in range(3)] == [again(k) for k in range(3)]


def test_stacked_autoencoders_and_fine_tuning(theano: Any) -> None:
    T, chance = theano.tensor, np.random.default_rng(3)
    rng = T.shared_randomstreams.RandomStreams(7)
    x, y = T.matrix("x"), T.ivector("y")
    index, givens = _minibatches(theano, x, y)
    layer, sizes, params = x, [COLUMNS, 10, 8], []
    for n_in, n_out in itertools.pairwise(sizes):
        W = theano.shared(_weights(chance, n_in, n_out), "W")
        b, c = theano.shared(np.zeros(n_out), "b"), theano.shared(np.zeros(n_in), "c")
        noisy = rng.binomial(size=layer.shape, n=1, p=0.8, dtype="float64") * layer
        rebuilt = T.nnet.sigmoid(T.dot(T.nnet.sigmoid(T.dot(noisy, W) + b), W.T) + c)
        cost = T.mean(T.nnet.binary_crossentropy(rebuilt, layer).sum(axis=1))
        own = [W, b, c]
        updates = [(v, v - 0.1 * g) for v, g in zip(own, T.grad(cost, own), strict=True)]
        pretrain = theano.function([index], cost, updates=updates, givens={x: givens[x]})
        costs = _epochs(pretrain, 8)
        assert costs[-1] < costs[0]
        layer = T.nnet.sigmoid(T.dot(layer, W) + b)
        params += [W, b]
    W = theano.shared(np.zeros((sizes[-1], CLASSES)), "W_top")
    params.append(W)
    cost = T.mean(T.nnet.categorical_crossentropy(T.nnet.softmax(T.dot(layer, W)), y))
    updates = [(v, v - 0.5 * g) for v, g in zip(params, T.grad(cost, params), strict=True)]
    tune = theano.function([index], cost, updates=updates, givens=givens)
    costs = _epochs(tune, 60)
    assert costs[-1] < 0.7 * costs[0]


def test_a_restricted_boltzmann_machine(theano: Any) -> None:
    T, chance = theano.tensor, np.random.default_rng(4)
    rng = T.shared_randomstreams.RandomStreams(11)
    x = T.matrix("x")
    W = theano.shared(_weights(chance, COLUMNS, 8) / 4, "W")
    hbias, vbias = theano.shared(np.zeros(8), "h"), theano.shared(np.zeros(COLUMNS), "v")

    def sample_h(v: Any) -> Any:
        mean = T.nnet.sigmoid(T.dot(v, W) + hbias)
        return rng.binomial(size=mean.shape, n=1, p=mean, dtype="float64")

    def gibbs(h: Any) -> list[Any]:
        mean = T.nnet.sigmoid(T.dot(h, W.T) + vbias)
        v = rng.binomial(size=mean.shape, n=1, p=mean, dtype="float64")
        return [mean, v, sample_h(v)]

    def free_energy(v: Any) -> Any:
        hidden = T.sum(T.log(1 + T.exp(T.dot(v, W) + hbias)), axis=1)
        return -hidden - T.dot(v, vbias)

    persistent = theano.shared(np.zeros((BATCH, 8)), "persistent")
    (means, chain, hiddens), updates = theano.scan(
        gibbs, outputs_info=[None, None, persistent], n_steps=4
    )
    assert updates, "the stream of the loop is updated"
    end = chain[-1]
    cost = T.mean(free_energy(x)) - T.mean(free_energy(end))
    params = [W, hbias, vbias]
    grads = T.grad(cost, params, consider_constant=[end])
    for v, g in zip(params, grads, strict=True):
        updates[v] = v - 0.1 * g
    updates[persistent] = hiddens[-1]
    index, givens = _minibatches(theano, x)
    distance = T.mean((x.mean(axis=0) - means[-1].mean(axis=0)) ** 2)
    train = theano.function([index], distance, updates=updates, givens=givens)
    distances = _epochs(train, 40)
    assert distances[-1] < 0.5 * distances[0]
    draws = {float(train(0)) for _ in range(5)}
    assert len(draws) == 5, "each call draws anew"


def test_hybrid_monte_carlo_reaches_its_acceptance_rate(theano: Any) -> None:
    T = theano.tensor
    rng = T.shared_randomstreams.RandomStreams(13)
    scale = np.array([1.0, 0.5])
    position = theano.shared(np.random.default_rng(0).normal(size=(40, 2)), "position")
    step = theano.shared(0.05, "step")
    rate = theano.shared(0.9, "rate")

    def energy(q: Any) -> Any:
        return 0.5 * ((q / scale) ** 2).sum(axis=1)

    def total(q: Any, p: Any) -> Any:
        return energy(q) + 0.5 * (p**2).sum(axis=1)

    def leapfrog(q: Any, p: Any, size: Any) -> list[Any]:
        p = p - size * T.grad(energy(q).sum(), q)
        return [q + size * p, p]

    start = rng.normal(size=position.shape)
    half = start - 0.5 * step * T.grad(energy(position).sum(), position)
    first = position + step * half
    (qs, ps), inner = theano.scan(
        leapfrog, outputs_info=[first, half], non_sequences=[step], n_steps=10
    )
    assert not inner
    final, p = qs[-1], ps[-1]
    p = p - 0.5 * step * T.grad(energy(final).sum(), final)
    accept = total(position, start) - total(final, p) >= T.log(rng.uniform(size=(40,)))
    moved = T.switch(accept.dimshuffle(0, "x"), final, position)
    new_rate = 0.9 * rate + 0.1 * accept.mean()
    new_step = T.minimum(T.switch(rate > 0.9, step * 1.02, step * 0.98), 1.5)
    sample = theano.function([], moved, updates={position: moved, rate: new_rate, step: new_step})
    for _ in range(200):
        sample()
    assert abs(float(rate.get_value()) - 0.9) < 0.08
    draws = np.concatenate([sample() for _ in range(400)])
    np.testing.assert_allclose(draws.std(axis=0), scale, rtol=0.1)


def test_a_recurrent_net_remembers_what_came_first(theano: Any) -> None:
    T, chance = theano.tensor, np.random.default_rng(6)
    u, t, h0 = T.tensor3("u"), T.vector("t"), theano.shared(np.zeros((32, 8)), "h0")
    W = theano.shared(0.5 * chance.normal(size=(8, 8)), "W")
    W_in = theano.shared(0.5 * chance.normal(size=(1, 8)), "W_in")
    W_out = theano.shared(0.5 * chance.normal(size=(8,)), "W_out")
    h, updates = theano.scan(
        lambda u_t, h_tm1, w, w_in: T.tanh(T.dot(u_t, w_in) + T.dot(h_tm1, w)),
        sequences=u, outputs_info=h0, non_sequences=[W, W_in],
    )  # fmt: skip
    error = ((T.dot(h[-1], W_out) - t) ** 2).mean()
    params = [W, W_in, W_out]
    rate = T.dscalar("rate")
    steps = OrderedDict(
        (v, v - rate * T.maximum(T.minimum(g, 1.0), -1.0))
        for v, g in zip(params, T.grad(error, params), strict=True)
    )
    steps.update(updates)
    train = theano.function([u, t, rate], error, updates=steps)
    errors = []
    for _ in range(300):
        sequence = chance.choice([-1.0, 1.0], size=(4, 32, 1))
        errors.append(float(train(sequence, sequence[0, :, 0], 0.05)))
    assert np.mean(errors[-20:]) < 0.3 * np.mean(errors[:20])
    again = pickle.loads(pickle.dumps(train))
    assert again(sequence, sequence[0, :, 0], 0.05) == train(sequence, sequence[0, :, 0], 0.05)


def test_a_long_short_term_memory_learns(theano: Any) -> None:
    T, chance = theano.tensor, np.random.default_rng(8)
    dim = 6
    x, mask, y = T.tensor3("x"), T.matrix("mask"), T.ivector("y")
    W = theano.shared(0.4 * chance.normal(size=(2, 4 * dim)), "W")
    U = theano.shared(0.4 * chance.normal(size=(dim, 4 * dim)), "U")
    b, V = theano.shared(np.zeros(4 * dim), "b"), theano.shared(np.zeros((dim, 2)), "V")

    def gate(z: Any, k: int) -> Any:
        return z[:, k * dim : (k + 1) * dim]

    def step(m: Any, x_t: Any, h: Any, c: Any) -> list[Any]:
        z = T.dot(h, U) + T.dot(x_t, W) + b
        i, f, o = (T.nnet.sigmoid(gate(z, k)) for k in range(3))
        new = f * c + i * T.tanh(gate(z, 3))
        c = m.dimshuffle(0, "x") * new + (1.0 - m).dimshuffle(0, "x") * c
        return [o * T.tanh(c), c]

    start = T.zeros_like(T.dot(x[0], W)[:, :dim])
    (h, _), _ = theano.scan(step, sequences=[mask, x], outputs_info=[start, start])
    mean = (h * mask.dimshuffle(0, 1, "x")).sum(axis=0) / mask.sum(axis=0).dimshuffle(0, "x")
    cost = T.nnet.categorical_crossentropy(T.nnet.softmax(T.dot(mean, V)), y).mean()
    params = [W, U, b, V]
    updates = [(v, v - 1.0 * g) for v, g in zip(params, T.grad(cost, params), strict=True)]
    train = theano.function([x, mask, y], cost, updates=updates)
    lengths = chance.integers(2, 6, 24)
    rows = chance.normal(size=(5, 24, 2))
    inside = (np.arange(5)[:, None] < lengths).astype("float64")
    labels = ((rows[:, :, 0] * inside).sum(axis=0) > 0).astype("int32")
    costs = [float(train(rows, inside, labels)) for _ in range(150)]
    assert costs[-1] < 0.5 * costs[0]
