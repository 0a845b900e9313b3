"""What the kernels of a function do, in plain words.

The texts of a function come in, sentences go out: how many nodes a loop computes in one pass, what
it reads and writes, how many bytes that moves, and how many it would move node by node. Bytes are
counted, never measured; sizes that are not known yet stand for themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from kernelgraph.graph import Apply
from kernelgraph.loops import ir
from kernelgraph.loops.traffic import sweeps
from kernelgraph.schedule.dims import Dim, Dims
from kernelgraph.schedule.schedule import HostStep
from kernelgraph.types import TensorType
from kernelgraph.viz.kernels.languages import Languages
from kernelgraph.viz.pictures.picture import kind_of
from kernelgraph.viz.text.words import count, op_name, op_text, some

_MOST_NAMES = 8

_HOST_WORDS = {
    "indexing": "a part of an array, without copying it",
    "view": "the same numbers under other sizes",
    "control": "a choice or a loop of the host, with kernels of its own inside",
    "opaque": "a call of a library or of a Python function",
}


def notes(languages: Languages) -> list[tuple[str, str]]:
    """A heading and some sentences for each kernel, then for each node that the host runs."""
    moved: dict[str, Bytes] = {}
    for sweep in sweeps(languages.program):
        _add(moved.setdefault(sweep.kernel, Counter()), sweep.itemsize, sweep.dims)
    kernels = [
        (kernel.name, _kernel(kernel, languages, moved.get(kernel.name, Counter())))
        for kernel in languages.program.kernels
    ]
    host = [
        (languages.keys[step.node], _host(step.node))
        for step in languages.schedule.steps
        if isinstance(step, HostStep)
    ]
    return kernels + host


def _host(node: Apply) -> str:
    words = _HOST_WORDS.get(kind_of(node.op), "a step of the host")
    return f"The host runs {op_text(node.op)}: {words}."


def _kernel(kernel: ir.Kernel, languages: Languages, moved: Bytes) -> str:
    names = ", ".join(dict.fromkeys(op_name(node.op) for node in kernel.nodes))
    loops = [item.dim for item in kernel.body if isinstance(item, ir.For)]
    nodes = count(len(kernel.nodes), "node") + (" in one pass" if len(loops) == 1 else "")
    sentences = [f"{_passes(loops)} computes {nodes}: {names}.", f"It {_arrays(kernel)}."]
    if moved:
        sentences.append(f"Memory traffic: {polynomial(moved)}.")
    if len(kernel.nodes) > 1 and all(n in languages.schedule.domains for n in kernel.nodes):
        alone = _node_by_node(kernel.nodes, languages.schedule.dims)
        if moved and alone != moved:
            sentences.append(f"Node by node, as NumPy does it: {polynomial(alone)}.")
    return " ".join(sentences)


def _passes(dims: Sequence[Dim]) -> str:
    """The outermost loops of a kernel, by their dimensions."""
    loops = [dim.name if dim.size is None else f"{dim.size} elements" for dim in dims]
    if not loops:
        return "This kernel has no loop and"
    if len(loops) == 1:
        return f"This loop over {loops[0]}"
    return f"A kernel of {len(loops)} loops, over {' and then '.join(loops)},"


def _arrays(kernel: ir.Kernel) -> str:
    reads = some([f"{b.name} {_shape(b.dims)}" for b in kernel.reads], _MOST_NAMES)
    writes = [f"{b.name} {_shape(b.dims)}" for b in kernel.writes]
    writes += [f"the number {name.name}" for name in kernel.results]
    return f"reads {reads or 'no array'} and writes {some(writes, _MOST_NAMES) or 'nothing'}"


def _shape(dims: Sequence[Dim]) -> str:
    return f"[{', '.join(dim.name if dim.size is None else str(dim.size) for dim in dims)}]"


# Bytes -------------------------------------------------------------------------------------------

Bytes = Counter[tuple[str, ...]]
"""A sum of products: for the names of the sizes that are multiplied, how many bytes."""


def _node_by_node(nodes: Sequence[Apply], dims: Dims) -> Bytes:
    """What the nodes would move if each of them read its operands and wrote its result."""
    moved: Bytes = Counter()
    for node in nodes:
        for variable in (*node.inputs, *node.outputs):
            if isinstance(variable.type, TensorType) and variable.ndim:
                _add(moved, np.dtype(variable.dtype).itemsize, dims.all_of(variable))
    return moved


def _add(moved: Bytes, itemsize: int, dims: Sequence[Dim]) -> None:
    known = int(np.prod([dim.size for dim in dims if dim.size is not None], dtype=np.int64))
    moved[tuple(sorted(dim.name for dim in dims if dim.size is None))] += itemsize * known


def polynomial(moved: Bytes) -> str:
    """Bytes in words, the largest products first.

    >>> polynomial(Counter({("n",): 24, ("m", "n"): 8, (): 16}))
    '8·m·n + 24·n + 16 bytes'
    """
    terms = sorted(moved.items(), key=lambda item: (-len(item[0]), item[0]))
    return " + ".join("·".join([f"{number:,}", *names]) for names, number in terms) + " bytes"
