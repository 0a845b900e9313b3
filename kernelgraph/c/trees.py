"""The tree of sums in generated C: see `kernelgraph.loops.sums` for the order of additions."""

from __future__ import annotations

from kernelgraph.loops.sums import GROUP, LANES, LEVELS


def tree(dtype: str) -> str:
    """Sums of lanes added in pairs, pairs of pairs and so on; see `kernelgraph.loops.sums`."""
    return f"""\
/* Sums of blocks, lane by lane: {GROUP} are added, then pairs of those, pairs of pairs ... */
typedef struct {{
    int64 blocks;
    {dtype} sums[{LANES}], levels[{LEVELS}][{LANES}];
}} tree_{dtype};
static __attribute__((noinline)) void push_{dtype}(tree_{dtype} *tree, {dtype} *block) {{
    const int64 first = tree->blocks % {GROUP} == 0;
    for (int64 lane = 0; lane < {LANES}; lane++)
        block[lane] = (first ? ({dtype})-0.0 : tree->sums[lane]) + block[lane];
    for (int64 lane = 0; lane < {LANES}; lane++) tree->sums[lane] = block[lane];
    if (++tree->blocks % {GROUP}) return;
    const int64 before = tree->blocks / {GROUP} - 1;
    int64 level = 0;
    for (; level < {LEVELS - 1} && before >> level & 1; level++)
        for (int64 lane = 0; lane < {LANES}; lane++)
            block[lane] = tree->levels[level][lane] + block[lane];
    if (level == {LEVELS - 1} && before >> level)
        for (int64 lane = 0; lane < {LANES}; lane++)
            block[lane] = tree->levels[level][lane] + block[lane];
    for (int64 lane = 0; lane < {LANES}; lane++) tree->levels[level][lane] = block[lane];
}}
static __attribute__((noinline)) void collect_{dtype}(const tree_{dtype} *tree, {dtype} *last) {{
    const int64 groups = tree->blocks / {GROUP};
    if (tree->blocks % {GROUP})
        for (int64 lane = 0; lane < {LANES}; lane++) last[lane] = tree->sums[lane] + last[lane];
    for (int64 level = 0; level < {LEVELS} && groups >> level; level++)
        if (level == {LEVELS - 1} || groups >> level & 1)
            for (int64 lane = 0; lane < {LANES}; lane++)
                last[lane] = tree->levels[level][lane] + last[lane];
}}
{_gathering(dtype)}"""


def _gathering(dtype: str) -> str:
    """The same for the lanes of a loop, which may stay in registers."""
    return f"""\
/* These work on copies, so that lanes may stay in registers. */
static inline void block_{dtype}(tree_{dtype} *tree, {dtype} *lanes) {{
    {dtype} all[{LANES}];
    for (int64 lane = 0; lane < {LANES}; lane++) all[lane] = lanes[lane];
    for (int64 lane = 0; lane < {LANES}; lane++) lanes[lane] = -0.0;
    push_{dtype}(tree, all);
}}
static inline {dtype} gather_{dtype}(const tree_{dtype} *tree, {dtype} *lanes) {{
    if (tree->blocks) {{
        {dtype} all[{LANES}];
        for (int64 lane = 0; lane < {LANES}; lane++) all[lane] = lanes[lane];
        collect_{dtype}(tree, all);
        for (int64 lane = 0; lane < {LANES}; lane++) lanes[lane] = all[lane];
    }}
    for (int64 lane = 0; lane < 8; lane++) lanes[lane] = lanes[lane] + lanes[lane + 8];
    for (int64 lane = 0; lane < 4; lane++) lanes[lane] = lanes[lane] + lanes[lane + 4];
    for (int64 lane = 0; lane < 2; lane++) lanes[lane] = lanes[lane] + lanes[lane + 2];
    for (int64 lane = 0; lane < 1; lane++) lanes[lane] = lanes[lane] + lanes[lane + 1];
    return lanes[0];
}}
"""
