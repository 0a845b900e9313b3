"""The tree of sums in generated C: see `kernelgraph.loops.sums` for the order of additions."""

from __future__ import annotations

from kernelgraph.loops.sums import CHAIN, GROUP, LANES, LEVELS

BLOCK = CHAIN * LANES
"""Numbers of a block."""

FULL = GROUP * BLOCK
"""Numbers of a group of blocks; a sum of fewer has no use for a tree."""


def tree(dtype: str) -> str:
    """Sums of groups of blocks, added in pairs, pairs of pairs and so on."""
    return f"""\
/* Sums of groups of {GROUP} blocks, lane by lane; of pairs of groups, pairs of pairs ... */
typedef struct {{ {dtype} levels[{LEVELS}][{LANES}]; }} tree_{dtype};
static __attribute__((noinline)) void grow_{dtype}(
        tree_{dtype} *tree, {dtype} *group, const int64 before) {{
    int64 level = 0;
    for (; level < {LEVELS - 1} && before >> level & 1; level++)
        for (int64 lane = 0; lane < {LANES}; lane++)
            group[lane] = tree->levels[level][lane] + group[lane];
    if (level == {LEVELS - 1} && before >> level)
        for (int64 lane = 0; lane < {LANES}; lane++)
            group[lane] = tree->levels[level][lane] + group[lane];
    for (int64 lane = 0; lane < {LANES}; lane++) tree->levels[level][lane] = group[lane];
}}
static __attribute__((noinline)) void collect_{dtype}(
        const tree_{dtype} *tree, {dtype} *last, const int64 groups) {{
    for (int64 level = 0; level < {LEVELS} && groups >> level; level++)
        if (level == {LEVELS - 1} || groups >> level & 1)
            for (int64 lane = 0; lane < {LANES}; lane++)
                last[lane] = tree->levels[level][lane] + last[lane];
}}
{_lanes(dtype)}"""


def _lanes(dtype: str) -> str:
    """Sums that are not in the tree yet."""
    return f"""\
/* These work on copies, so that lanes may stay in registers. */
static inline void add_group_{dtype}(tree_{dtype} *tree, {dtype} *sums, const int64 before) {{
    {dtype} group[{LANES}];
    for (int64 lane = 0; lane < {LANES}; lane++) group[lane] = sums[lane];
    for (int64 lane = 0; lane < {LANES}; lane++) sums[lane] = -0.0;
    grow_{dtype}(tree, group, before);
}}
static inline void gather_{dtype}(const tree_{dtype} *tree, {dtype} *sums, const int64 groups) {{
    {dtype} last[{LANES}];
    for (int64 lane = 0; lane < {LANES}; lane++) last[lane] = sums[lane];
    collect_{dtype}(tree, last, groups);
    for (int64 lane = 0; lane < {LANES}; lane++) sums[lane] = last[lane];
}}
"""
