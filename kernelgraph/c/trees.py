"""The tree of sums in generated C: see `kernelgraph.mapping.sums` for the order of additions."""

from __future__ import annotations

import numpy as np

from kernelgraph.mapping.columns import BLOCK
from kernelgraph.mapping.sums import GROUP, LANES, LEVELS
from kernelgraph.templates import Helper


def lanes(dtype: str) -> Helper:
    """All lanes as one vector, which gcc compiles faster than loops over them."""
    one = np.dtype(dtype).itemsize
    vector = f"__attribute__((vector_size({LANES * one}), aligned({one})))"
    text = f"typedef {dtype} lanes_{dtype} {vector};\n"
    return Helper(f"lanes_{dtype}", c=text)


def levels(dtype: str) -> Helper:
    """Groups of blocks in pairs, pairs of pairs and so on; see `kernelgraph.mapping.sums`."""
    text = f"""\
/* A group of blocks, of which so many came before, goes to the lowest level that is free, with all
   that is below; then the group is empty. */
static __attribute__((noinline)) void add_group_{dtype}(
        {dtype} (*each)[{LANES}], {dtype} *blocks, int64 before) {{
    lanes_{dtype} *levels = (lanes_{dtype} *)each, *group = (lanes_{dtype} *)blocks;
    int64 level = 0;
    for (; level < {LEVELS - 1} && before >> level & 1; level++) *group = levels[level] + *group;
    if (level == {LEVELS - 1} && before >> level) *group = levels[level] + *group;
    levels[level] = *group;
    *group = -(lanes_{dtype}){{0}};
}}
/* What so many groups have left in the levels is added to the last blocks. */
static __attribute__((noinline)) void add_levels_{dtype}(
        {dtype} (*each)[{LANES}], {dtype} *blocks, int64 groups) {{
    lanes_{dtype} *levels = (lanes_{dtype} *)each, *last = (lanes_{dtype} *)blocks;
    for (int64 level = 0; level < {LEVELS} && groups >> level; level++)
        if (level == {LEVELS - 1} || groups >> level & 1) *last = levels[level] + *last;
}}
"""
    return Helper(f"add_group_{dtype}", c=text, needs=(lanes(dtype),))


def reduction(dtype: str) -> Helper:
    """The sum of lanes in memory; spelled with vectors, since gcc 12 makes one of eight rows."""
    one = np.dtype(dtype).itemsize
    four = f"__attribute__((vector_size({4 * one}), aligned({one})))"
    text = f"""\
/* Lanes in pairs, half as many each time. */
typedef {dtype} four_{dtype} {four};
static inline {dtype} reduce_{dtype}(const {dtype} *lanes) {{
    const four_{dtype} *v = (const four_{dtype} *)lanes, four = (v[0] + v[2]) + (v[1] + v[3]);
    return (four[0] + four[2]) + (four[1] + four[3]);
}}
"""
    return Helper(f"reduce_{dtype}", c=text)


def tree(dtype: str) -> Helper:
    """Sums of lanes added in pairs, pairs of pairs and so on; see `kernelgraph.mapping.sums`."""
    text = f"""\
/* Sums of blocks, lane by lane: {GROUP} are added, then pairs of those, pairs of pairs ... */
typedef struct {{
    int64 blocks;
    {dtype} sums[{LANES}], levels[{LEVELS}][{LANES}];
}} tree_{dtype};
static __attribute__((noinline)) void push_{dtype}(tree_{dtype} *tree, {dtype} *lanes) {{
    lanes_{dtype} *block = (lanes_{dtype} *)lanes, *sums = (lanes_{dtype} *)tree->sums;
    *block = (tree->blocks % {GROUP} ? *sums : -(lanes_{dtype}){{0}}) + *block;
    *sums = *block;
    if (++tree->blocks % {GROUP} == 0)
        add_group_{dtype}(tree->levels, lanes, tree->blocks / {GROUP} - 1);
}}
static __attribute__((noinline)) void collect_{dtype}(tree_{dtype} *tree, {dtype} *lanes) {{
    lanes_{dtype} *last = (lanes_{dtype} *)lanes, *sums = (lanes_{dtype} *)tree->sums;
    if (tree->blocks % {GROUP}) *last = *sums + *last;
    add_levels_{dtype}(tree->levels, lanes, tree->blocks / {GROUP});
}}
{_gathering(dtype)}"""
    return Helper(f"gather_{dtype}", c=text, needs=(levels(dtype),))


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
static inline {dtype} gather_{dtype}(tree_{dtype} *tree, {dtype} *lanes) {{
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


def columns(dtype: str) -> Helper:
    """Blocks of sums of many columns; see `kernelgraph.mapping.columns`."""
    text = f"""\
/* A block of sums, after so many rows, is added to its group; a full group goes to its level. */
static __attribute__((noinline)) void whole_block_{dtype}(
        {dtype} *restrict sums, {dtype} *restrict blocks, int64 count, int64 rows) {{
    const int64 block = rows / {BLOCK}, group = block / {GROUP};
    for (int64 k = 0; k < count; k++) {{
        blocks[k] = block % {GROUP} == 1 ? sums[k] : blocks[k] + sums[k];
        sums[k] = -0.0;
    }}
    if (block % {GROUP}) return;
    int64 level = 1;
    for (int64 half = group; half % 2 == 0 && level < {LEVELS}; half /= 2, level++)
        for (int64 k = 0; k < count; k++) blocks[k] = blocks[level * count + k] + blocks[k];
    const int64 taken = level == {LEVELS} && group >> ({LEVELS} - 1) > 1;
    {dtype} *const free = blocks + level * count;
    for (int64 k = 0; k < count; k++) free[k] = (taken ? free[k] : ({dtype})-0.0) + blocks[k];
}}
/* The sums of all rows: of the last, which make no block, of blocks of no group, of levels. */
static __attribute__((noinline)) void all_blocks_{dtype}(
        {dtype} *restrict sums, const {dtype} *restrict blocks, int64 count, int64 rows) {{
    const int64 block = rows / {BLOCK}, group = block / {GROUP};
    if (block % {GROUP})
        for (int64 k = 0; k < count; k++) sums[k] = blocks[k] + sums[k];
    for (int64 level = 1; level <= {LEVELS} && group >> (level - 1); level++)
        if (level == {LEVELS} || group >> (level - 1) & 1)
            for (int64 k = 0; k < count; k++) sums[k] = blocks[level * count + k] + sums[k];
}}
"""
    return Helper(f"all_blocks_{dtype}", c=text)
