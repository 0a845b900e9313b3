"""The tree of sums in C adds in the order of `kernelgraph.mapping.sums`, bit for bit."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from kernelgraph.c.build import Builder
from kernelgraph.c.prelude import TYPES, host_header
from kernelgraph.c.trees import columns, levels, reduction, tree
from kernelgraph.mapping.columns import BLOCK, all_blocks, whole_block
from kernelgraph.mapping.sums import CHAIN, GROUP, LANES, LEVELS, in_a_tree
from kernelgraph.templates import definitions

LENGTHS = [CHAIN * LANES * blocks for blocks in (1, 2, GROUP, GROUP + 1, 3 * GROUP, 7 * GROUP + 5)]

BLOCKS = """
KG_EXPORT REAL total(const REAL *x, int64 n) {
    REAL lanes[16];
    tree_REAL tree;
    tree.blocks = 0;
    for (int64 lane = 0; lane < 16; lane++) lanes[lane] = -0.0;
    for (int64 i = 0; i < n; i++) {
        lanes[i % 16] = lanes[i % 16] + x[i];
        if (i % 512 == 511) block_REAL(&tree, lanes);
    }
    return gather_REAL(&tree, lanes);
}
"""


def exported(builder: Builder, dtype: str, text: str, name: str) -> int:
    helpers = definitions([tree(dtype), columns(dtype), reduction(dtype)], "c")
    source = "\n".join([host_header(), TYPES, *helpers, text.replace("REAL", dtype)])
    return builder.build(source, name).address


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_blocks_go_into_the_tree_in_order(dtype: str, shared_builder: Builder) -> None:
    real = np.ctypeslib.as_ctypes_type(np.dtype(dtype))
    address = exported(shared_builder, dtype, BLOCKS, "total")
    total = ctypes.CFUNCTYPE(real, ctypes.c_void_p, ctypes.c_int64)(address)
    for length in LENGTHS:
        x = np.random.default_rng(length).normal(size=length).astype(dtype)
        start = np.dtype(dtype).type(-0.0)
        assert total(x.ctypes.data, length) == in_a_tree(start, list(x)), length


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_lanes_in_memory_are_added_in_pairs(dtype: str, shared_builder: Builder) -> None:
    text = "KG_EXPORT REAL of(const REAL *lanes) { return reduce_REAL(lanes); }"
    real = np.ctypeslib.as_ctypes_type(np.dtype(dtype))
    address = exported(shared_builder, dtype, text, "of")
    lanes = np.random.default_rng(1).normal(size=16).astype(dtype)
    pairs = lanes
    while len(pairs) > 1:
        pairs = pairs[: len(pairs) // 2] + pairs[len(pairs) // 2 :]
    assert ctypes.CFUNCTYPE(real, ctypes.c_void_p)(address)(lanes.ctypes.data) == pairs[0]


@pytest.mark.parametrize("blocks", [1, 7, 8, 9, 24, 61])
def test_columns_are_carried_as_in_python(blocks: int, shared_builder: Builder) -> None:
    text = """
    KG_EXPORT void carry(REAL *sums, REAL *blocks, int64 count, int64 rows, int64 end) {
        if (end) all_blocks_REAL(sums, blocks, count, rows);
        else whole_block_REAL(sums, blocks, count, rows);
    }"""
    kinds = [ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 3]
    carry = ctypes.CFUNCTYPE(None, *kinds)(exported(shared_builder, "float64", text, "carry"))
    rng = np.random.default_rng(blocks)
    ours, theirs = np.zeros((LEVELS + 1, 3)), np.zeros((LEVELS + 1, 3))
    total, other = np.full(3, -0.0), np.full(3, -0.0)
    for block in range(1, blocks + 1):
        more = rng.normal(size=3)
        total, other = total + more, other + more
        carry(total.ctypes.data, ours.ctypes.data, 3, block * BLOCK, 0)
        whole_block(other, theirs, block * BLOCK)
    carry(total.ctypes.data, ours.ctypes.data, 3, blocks * BLOCK, 1)
    all_blocks(other, theirs, blocks * BLOCK)
    assert np.array_equal(total, other)


def test_a_tree_brings_its_levels() -> None:
    assert tree("float32").needs == (levels("float32"),)
