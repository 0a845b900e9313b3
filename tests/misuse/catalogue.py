"""Every public callable with a call of it that is right: what the generator makes wrong.

Callables are found by looking through the public modules and classes; what an argument of a name
usually is stands in one table, and what differs from that in another.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

import kernelgraph as kg
import kernelgraph.tensor as T
import kernelgraph.theano
from kernelgraph import errors
from kernelgraph.elementwise import Elementwise
from kernelgraph.tensor.constructors import Constructor, Several
from kernelgraph.tensor.rng_mrg import MRG_RandomStreams
from kernelgraph.tensor.shared_randomstreams import RandomStreams
from kernelgraph.theano.tuples import op_remove, op_sub, pattern_sub
from tests.support import takes

MODULES = (
    "kernelgraph", "kernelgraph.tensor", "kernelgraph.tensor.nnet", "kernelgraph.tensor.nlinalg",
    "kernelgraph.tensor.slinalg",
)  # fmt: skip
"""Public modules; those of the alias are added."""

NOT_CALLED = {
    # typing, and hooks that packages of the package fill for each other
    "Any", "TYPE_CHECKING", "later", "import_module", "set_display", "set_error_views",
    "set_text", "set_view", "watch_nodes", "compute_test_values", "note_promotion",
    # Python's own under Theano's names; what changes modes or shared variables of all that follows
    "OrderedDict", "OrderedUpdates", "dump", "imap", "izip", "load", "register_canonicalize",
    "register_specialize", "register_stabilize", "shared_constructor",
    # classes of ops under the alias, which programs ask for by `isinstance`
    "CAReduce", "DimShuffle", "Elemwise", "Sum",
    # they take a shell of IPython
    "load_ipython_extension", "unload_ipython_extension",
}  # fmt: skip


@dataclass
class Example:
    """A callable and arguments that are right for it: those given by position, and by name."""

    name: str
    call: Callable[..., Any]
    positional: list[Any]
    named: dict[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    """Names of further parameters, which have defaults."""
    weight: float = 1.0


def world(folder: Path) -> SimpleNamespace:
    """Fresh symbols, functions and streams."""
    x, m, fx = T.dvector("x"), T.dmatrix("m"), T.fvector("fx")
    s, i, iv = T.dscalar("s"), T.lscalar("i"), T.lvector("iv")
    w, c = kg.shared(np.ones(3), "w"), kg.shared(1.0, "c")
    cost = (x * x).sum()
    cost.name = "cost"
    f = kg.function([x, kg.In(s, value=2.0)], cost * s * c, updates=[(w, w + 1)])
    streams = RandomStreams(1)
    return SimpleNamespace(
        x=x, m=m, fx=fx, s=s, i=i, iv=iv, w=w, c=c, cost=cost, f=f, streams=streams,
        mrg=MRG_RandomStreams(1), rule=kg.get_mode(None).rules[0], folder=folder,
        fs=kg.function([x, s], [x * s, s], name="two"), fd=kg.function([x], {"a": x, "b": x.sum()}),
        fc=kg.function([s], s * s, name="square"),
    )  # fmt: skip


def usual(name: str, w: SimpleNamespace) -> Any:
    """What an argument of this name is in a call that is right."""
    table: dict[str, Any] = {
        "x": w.x, "y": w.x, "a": w.x, "b": w.x, "value": 1.0, "cost": w.cost, "wrt": w.x,
        "output": w.cost, "outputs": w.cost, "inputs": [w.x], "axis": 0, "keepdims": True,
        "dtype": "float64", "shape": (2, 3), "name": "n", "condition": w.s, "then": w.x,
        "otherwise": w.x, "fn": lambda v: v * 2, "sequences": w.x, "f": w.cost, "obj": w.cost,
        "eval_points": w.x, "graph": w.f.graph, "itypes": [T.dvector], "otypes": [T.dvector],
        "variable": w.x, "mode": "FAST_RUN", "fun": lambda v: (v * v).sum(), "pt": [np.ones(2)],
        "coding_dist": w.m, "true_dist": w.m, "target": w.x, "op": T.exp, "type": w.x.type,
        "data": np.ones(2), "container": [np.ones(2)], "format": "csr", "rules": (),
        "one": T.dvector,
        "message": "m", "fct": w.f, "vars": [w.cost], "path": str(w.folder / "out.html"),
        "start": 0, "seed": 3, "size": (2,), "input": w.m, "column": w.iv, "flags": {},
        "old": T.exp, "new": T.expm1, "tracks": [T.exp], "before": (T.add, "x", 0), "after": "x",
    }  # fmt: skip
    return table.get(name, w.x)


def particular(w: SimpleNamespace) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """Calls whose arguments are not what their names usually say."""
    x = w.x
    pool = w.f.graph
    return {
        "kernelgraph.interpret": ([pool, [np.ones(2), 1.0, np.ones(3), 1.0]], {}),
        "kernelgraph.function": ([[x], w.cost], {}),
        "kernelgraph.scan": ([lambda v: v * 2, x], {}),
        "kernelgraph.vectorize_graph": ([w.cost, {x: w.m}], {}),
        "kernelgraph.vjp": ([x * 2, x, x], {}),
        "kernelgraph.tensor.subgraph_grad": ([x, []], {"cost": w.cost}),
        "kernelgraph.tensor.get_scalar_constant_value": ([3.0], {}),
        "kernelgraph.tensor.grad_clip": ([x, -1.0, 1.0], {}),
        "kernelgraph.tensor.grad_undefined": ([T.exp, 0, x], {}),
        "kernelgraph.tensor.grad_not_implemented": ([T.exp, 0, x], {}),
        **_of_arrays(w),
        **_as_in_numpy(w),
        **_of_the_alias(w),
        "kernelgraph.tensor.grad_scale": ([x, 2.0], {}),
        "kernelgraph.tensor.nnet.picked": ([w.m, w.iv], {}),
        "kernelgraph.Apply": ([T.exp, [x], [T.dvector()]], {}),
        "kernelgraph.Graph": ([(x,), (w.cost,)], {}),
        "kernelgraph.measure": ([w.fc, 1.0], {"calls": 1}),
        "kernelgraph.verify": ([w.fc, 1.0], {}),
        "kernelgraph.explore": ([w.fc], {}),
        "kernelgraph.steps": ([w.fc], {}),
        "kernelgraph.rule": ([_plus_zero], {}),
        "kernelgraph.tensor.reshape": ([x, (2, 3)], {}),
        "kernelgraph.tensor.transpose": ([w.m, (1, 0)], {}),
        "kernelgraph.tensor.outer": ([x, x], {}),
        "kernelgraph.tensor.diagonal": ([w.m], {}),
        "kernelgraph.tensor.trace": ([w.m], {}),
        "kernelgraph.tensor.einsum": (["ij,ij->i", w.m, w.m], {}),
        "kernelgraph.tensor.tensordot": ([w.m, w.m], {"axes": 2}),
        "kernelgraph.tensor.batched_tensordot": ([w.m, w.m], {"axes": 1}),
        "kernelgraph.tensor.matrix_dot": ([w.m, w.m.T], {}),
        "kernelgraph.tensor.windows": ([x, 2], {}),
        "kernelgraph.tensor.stack": ([w.s, w.s], {}),
        "kernelgraph.tensor.concatenate": ([[w.m, w.m]], {"axis": 1}),
        "kernelgraph.tensor.join": ([0, w.m, w.m], {}),
        "kernelgraph.tensor.set_subtensor": ([w.m[1:], w.x], {}),
        "kernelgraph.tensor.inc_subtensor": ([w.m[w.iv], 1.0], {}),
        "kernelgraph.tensor.pad": ([w.m, ((1, 2), (0, 1))], {"constant_values": 1.0}),
        "kernelgraph.tensor.roll": ([w.m, 2], {"axis": 1}),
        "kernelgraph.tensor.repeat": ([w.m, 2], {"axis": 1}),
        "kernelgraph.tensor.tile": ([w.m, (2, 3)], {}),
        "kernelgraph.tensor.Lop": ([x * 2, x, x], {}),
        "kernelgraph.tensor.Rop": ([x * 2, x, x], {}),
        "kernelgraph.tensor.largest": ([x, x], {}),
        "kernelgraph.tensor.smallest": ([x, x], {}),
        "kernelgraph.tensor.and_": ([w.iv, w.iv], {}),
        "kernelgraph.tensor.bitwise_or": ([w.iv, w.iv], {}),
        "kernelgraph.tensor.bitwise_xor": ([w.iv, w.iv], {}),
        "kernelgraph.tensor.bitwise_not": ([w.iv], {}),
        "kernelgraph.tensor.Constructor": (["float64", (None,)], {}),
        "kernelgraph.tensor.nnet.binary_crossentropy": ([x, x], {}),
        "kernelgraph.tensor.nnet.relu": ([x, 0.1], {}),
        **{f"kernelgraph.tensor.{name}": ([w.m], {}) for name in (
            "nlinalg.det", "nlinalg.eig", "nlinalg.eigh", "nlinalg.eigvalsh",
            "nlinalg.extract_diag", "nlinalg.inv", "nlinalg.norm", "nlinalg.pinv", "nlinalg.qr",
            "nlinalg.cond", "nlinalg.eigvals", "nlinalg.slogdet", "nlinalg.svd", "nlinalg.svdvals",
            "nlinalg.tensorinv", "slinalg.cholesky", "slinalg.eigvalsh", "slinalg.expm",
        )},
        **{f"kernelgraph.tensor.{name}": ([w.m, x], {}) for name in (
            "nlinalg.lstsq", "nlinalg.tensorsolve", "slinalg.solve", "slinalg.solve_triangular",
            "slinalg.solve_lower_triangular", "slinalg.solve_upper_triangular",
        )},
        "kernelgraph.tensor.nlinalg.matrix_power": ([w.m, 3], {}),
        "kernelgraph.tensor.nlinalg.multi_dot": ([[w.m, w.m.T]], {}),
        "kernelgraph.tensor.nlinalg.tensorinv": ([w.m], {"ind": 1}),
        "kernelgraph.tensor.slinalg.cho_solve": ([(w.m, True), x], {}),
        "theano.function": ([[x], w.cost], {}),
        "theano.tensor.set_subtensor": ([w.m[1:], w.x], {}),
        "theano.tensor.inc_subtensor": ([w.m[w.iv], 1.0], {}),
        "theano.printing.debugprint": ([w.cost], {"file": "str"}),
        "theano.printing.pydotprint": ([w.f, str(w.folder / "dot.svg")], {}),
        "theano.printing.pydotprint_variables": ([w.cost, str(w.folder / "dot.svg")], {}),
        "theano.compile.Function": (
            [w.f.graph, w.f.convention, "interpret", w.f.rules], {},
        ),
    }  # fmt: skip


def _of_arrays(w: SimpleNamespace) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """Calls of functions that make, place, order and stack elements."""
    x, m, iv = w.x, w.m, w.iv
    stacks = ("column_stack", "dstack", "hstack", "vstack")
    of_matrices = ("extract_diag", "fliplr", "identity_like", "tril", "triu")
    given: dict[str, list[Any]] = {
        "topk": [x, 2], "argtopk": [x, 2], "topk_and_argtopk": [x, 2], "bincount": [iv],
        "choose": [iv, [x, x]], "compress": [[True, False], m], "eye": [3], "tri": [3],
        "fill_diagonal": [m, 1.0], "fill_diagonal_offset": [m, 1.0, 1], "full_like": [x, 2.0],
        "horizontal_stack": [m, m], "vertical_stack": [m, m], "identity": [3],
        "linspace": [0.0, 1.0, 5], "moveaxis": [m, 0, 1], "swapaxes": [m, 0, 1],
        "patternbroadcast": [x, [False]], "permute_row_elements": [x, iv],
        "ravel_multi_index": [[iv, iv], (2, 3)], "unravel_index": [iv, (2, 3)],
        "specify_shape": [m, (2, 3)], "take": [x, iv], "take_along_axis": [x, iv, 0],
        "to_one_hot": [iv, 3],
        **{name: [[m, m]] for name in stacks}, **{name: [m] for name in of_matrices},
    }  # fmt: skip
    found = {f"kernelgraph.tensor.{name}": (values, {}) for name, values in given.items()}
    return {**found, "kernelgraph.tensor.split": ([x, [1, 2], 2], {})}


def _as_in_numpy(w: SimpleNamespace) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """Calls of what NumPy has besides, and second names of what has another one."""
    x, m, iv = w.x, w.m, w.iv
    tapers = ("bartlett", "blackman", "hamming", "hanning")
    of_matrices = ("diag_indices_from", "matrix_transpose", "rot90", "tril_indices_from",
                   "triu_indices_from")  # fmt: skip
    given: dict[str, list[Any]] = {
        "array_split": [m, 2], "hsplit": [m, 2], "vsplit": [m, 2], "dsplit": [T.dtensor3(), 2],
        "unstack": [T.specify_shape(m, (2, None))], "bitwise_invert": [iv], "concat": [[m, m]],
        "permute_dims": [m, (1, 0)], "diag_indices": [3], "tril_indices": [3], "triu_indices": [3],
        "geomspace": [1.0, 8.0, 4], "logspace": [0.0, 2.0, 5], "indices": [(2, 3)],
        "ix_": [iv, iv], "kaiser": [5, 8.0], "piecewise": [x, [x > 0], [T.exp, 0.0]],
        "select": [[x > 0, x < 1], [x, 2.0]], "polyval": [[1.0, 2.0], x], "quantile": [m, 0.5],
        "percentile": [m, 50.0], "interp": [x, x, x], "histogram": [x, 4],
        "where": [x > 0, x, 0.0],
        **{name: [5] for name in tapers}, **{name: [m] for name in of_matrices},
    }  # fmt: skip
    return {f"kernelgraph.tensor.{name}": (values, {}) for name, values in given.items()}


def _of_the_alias(w: SimpleNamespace) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """Calls of what Theano's modules have besides."""
    step: Callable[..., Any] = lambda v, total: v + total  # noqa: E731 - as users write it
    return {
        "theano.FunctionGraph": ([[w.x], [w.cost]], {}),
        **{f"theano.{name}": ([step, w.x, w.s], {}) for name in ("foldl", "foldr", "reduce")},
        "theano.scan_checkpoints": ([step, w.x, w.s], {}),
    }  # fmt: skip


def examples(w: SimpleNamespace) -> Iterator[Example]:
    """Every public callable, with a call that is right; the alias must be installed."""
    seen: set[int] = set()
    for path in (*MODULES, *kernelgraph.theano.ALIASES):
        module = sys.modules[path]
        for name in _public(module):
            if not name.startswith("_") and name not in NOT_CALLED:
                value = getattr(module, name)
                if id(value) not in seen:
                    seen.add(id(value))
                    yield from _of_value(f"{path}.{name}", value, w)
    yield from _methods(w)


def _public(module: Any) -> list[str]:
    names = getattr(module, "__all__", None) or (*dir(module), *getattr(module, "_LAZY", ()))
    return list(dict.fromkeys(names))


def _of_value(name: str, value: Any, w: SimpleNamespace) -> Iterator[Example]:
    if (isinstance(value, type) and issubclass(value, Exception)) or isinstance(value, ModuleType):
        return
    if isinstance(value, Elementwise):
        yield Example(
            name, value, [w.x if takes(value, "float64") else w.iv] * value.arity, weight=0.4
        )
    elif isinstance(value, Constructor):
        yield Example(name, value, ["n"], {}, ("name", "dtype"), weight=0.05)
    elif isinstance(value, Several):
        yield Example(name, value, ["a", "b"], weight=0.05)
    elif callable(value):
        yield _with_signature(name, value, w)


def _with_signature(name: str, value: Callable[..., Any], w: SimpleNamespace) -> Example:
    parameters = inspect.signature(value).parameters.values()
    options = tuple(
        p.name
        for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.default is not p.empty
    )
    given = particular(w).get(name)
    if given is not None:
        return Example(name, value, given[0], given[1], options)
    needed = [
        p
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    return Example(name, value, [usual(p.name, w) for p in needed], {}, options)


def _methods(w: SimpleNamespace) -> Iterator[Example]:
    """Calls of what public functions return."""
    x, m, f = w.x, w.m, w.f

    def case(name: str, call: Any, *given: Any, options: str = "", **named: Any) -> Example:
        return Example(name, call, list(given), named, tuple(options.split()))

    for name in ("sum", "max", "min", "argmax", "mean", "var", "std"):
        yield case(f"x.{name}", getattr(m, name), 0, options="axis keepdims")
    for name in ("add", "sub", "mul", "truediv", "pow", "floordiv", "mod", "matmul"):
        yield case(f"x.__{name}__", getattr(x, f"__{name}__"), x)
        yield case(f"x.__r{name}__", getattr(x, f"__r{name}__"), x)
    for name in ("and", "or", "xor", "lshift", "rshift"):
        yield case(f"iv.__{name}__", getattr(w.iv, f"__{name}__"), w.iv)
    yield case("iv.__invert__", w.iv.__invert__)
    yield case("x.round", x.round, options="mode")
    yield case("x.floor", x.floor)
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        yield case(f"x.__{name}__", getattr(x, f"__{name}__"), x)
    yield case("x[…]", m.__getitem__, (0, slice(1, 2)))
    yield case("x[a, b]", lambda a, b: m[a, b], 0, 1)
    yield case("x[a:b:c]", lambda a, b, c: m[a:b:c], 0, 2, 1)
    yield case("x.astype", x.astype, "float32")
    yield case("x.dot", m.dot, x)
    yield case("x.reshape", x.reshape, (2, 3), options="ndim")
    yield case("x.reshape(a, b)", x.reshape, 2, 3, options="ndim")
    yield case("x.dimshuffle", m.dimshuffle, 1, "x", 0)
    yield case("x.dimshuffle([…])", m.dimshuffle, [1, 0])
    yield case("x.transpose", m.transpose, 1, 0)
    yield case("x.flatten", m.flatten)
    yield case("x.clone", x.clone)
    yield case("x.name = …", lambda v: setattr(T.dvector(), "name", v), "n")
    yield case("w.set_value", w.w.set_value, np.ones(2), options="borrow")
    yield case("w.get_value", w.w.get_value, options="borrow")
    yield case("w.default_update = …", _with_default_update, w.w + 1)
    yield case("f(…)", f, np.ones(2), 3.0, options="output_subset")
    yield case("f(x=…)", f, x=np.ones(2), s=1.0)
    yield case("fs(…)", w.fs, np.ones(2), 3.0, options="output_subset")
    yield case("fs(…, output_subset)", w.fs, np.ones(2), 3.0, output_subset=[0])
    yield case("fd(…, output_subset)", w.fd, np.ones(2), output_subset=["a"])
    yield case("f[…]", f.__getitem__, w.w)
    yield case("f[…] = …", f.__setitem__, w.w, np.ones(3))
    yield case("f.copy", f.copy, options="share_memory swap delete_updates name profile")
    yield case("f.steps", w.fc.steps, options="rule times limit")
    yield case("f.source", w.fc.source, options="language")
    yield case("f.profile", w.fc.profile, 1.0, calls=1)
    yield case("f.free", f.free)
    yield case("type()", x.type, "n")
    yield case("type.filter", x.type.filter, np.ones(2), options="name allow_downcast")
    yield case("type.accepts", x.type.accepts, x.type)
    yield case("type.with_dtype", x.type.with_dtype, "float32")
    yield case("graph.clone", f.graph.clone)
    yield case("node.clone_with", w.cost.owner.clone_with, list(w.cost.owner.inputs))
    yield from _of_streams(w, case)
    yield from _of_rules(w, case)
    yield from _of_views(w, case)
    yield from _of_settings(w, case)


def _with_default_update(value: Any) -> Any:
    w = kg.shared(np.ones(3), "w")
    w.default_update = value
    return kg.function([], w.sum())


def _of_streams(w: SimpleNamespace, case: Callable[..., Example]) -> Iterator[Example]:
    for prefix, stream in (("streams", w.streams), ("mrg", w.mrg)):
        for name, method in inspect.getmembers(stream, inspect.ismethod):
            if name.startswith("_"):
                continue
            options = " ".join(inspect.signature(method).parameters)
            given: dict[str, Any] = {"size": (2,)}
            if name in ("seed", "shuffle_row_elements"):
                given = {"seed": 3} if name == "seed" else {"input": w.m}
            elif prefix == "mrg" and ("multinomial" in name or name == "choice"):
                given = {"n": 1} if "multinomial" in name else {"size": 1}
            yield case(f"{prefix}.{name}", method, options=options, **given)


def _of_rules(w: SimpleNamespace, case: Callable[..., Example]) -> Iterator[Example]:
    mode = kg.get_mode(None)
    for name in ("including", "excluding", "requiring"):
        yield case(f"mode.{name}", getattr(mode, name), "stabilize")
    yield case("mode.with_rules", mode.with_rules, w.rule)
    yield case("rule(changes=…)", lambda **o: kg.rule(**o)(_plus_zero), changes="rounding",
               options="when where")  # fmt: skip
    yield case("PatternSub", pattern_sub, (T.add, "x", 0), "x", options="name why changes")

    yield case("op_sub", op_sub, T.exp, T.expm1, options="name")
    yield case("OpRemove", op_remove, T.neg, options="name")
    optdb = sys.modules["theano.compile"].optdb
    yield case("optdb.query", optdb.query, "fast_run")
    yield case("optdb.register", optdb.register, "mine", w.rule, "nowhere")


def _plus_zero(x: Any) -> Any:
    """Adding zero changes nothing."""
    return x + 0, x


def _of_views(w: SimpleNamespace, case: Callable[..., Example]) -> Iterator[Example]:
    makers: dict[str, Callable[[], Any]] = {
        "shown": lambda: kg.show(w.cost), "steps": lambda: kg.steps(w.fc),
        "explanation": lambda: kg.explain(w.cost), "walk": lambda: kg.backprop(w.cost, w.x),
        "source": w.fc.source,
    }  # fmt: skip
    for name, make in makers.items():
        yield case(f"{name}.save", make().save if hasattr(make(), "save") else make, *(
            [str(w.folder / "v.html")] if hasattr(make(), "save") else []))  # fmt: skip


def _of_settings(w: SimpleNamespace, case: Callable[..., Example]) -> Iterator[Example]:
    def changed(*given: Any, **more: Any) -> None:
        with kg.config.change_flags(*given, **more):
            pass

    yield case("config.change_flags", changed, {"floatX": "float32"})
    for name in ("floatX", "target", "cast_policy", "on_unused_input", "compute_test_value",
                 "layout"):  # fmt: skip
        yield case(f"config.{name}", lambda v, name=name: changed({name: v}),
                   getattr(kg.config, name))  # fmt: skip
        yield case(f"config.{name} = …", lambda v, name=name: setattr(kg.config, name, v),
                   getattr(kg.config, name))  # fmt: skip


OURS = errors.KernelgraphError
