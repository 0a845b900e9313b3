"""Answers to the exercises of lesson 7, right ones and typical wrong ones."""

from __future__ import annotations

BYTES_MOVED = """
def bytes_moved(n):
    return 3 * 8 * n, 11 * 8 * n
"""

MEAN_AND_ENDS = """
def mean_and_ends(v):
    return kg.function([v], [v.mean(), v.min(), v.max()])
"""

THREE_FUNCTIONS = """
def mean_and_ends(v):
    return kg.function([v], [v.mean(), (v - v.mean()).min() + v.mean(), v.max()])
"""

LINES_OF = """
def lines_of(function, name):
    lines = function.stages.source.lines
    return [k for k, nodes in lines.items() if len(nodes) == 1 and nodes[0].op.name == name]
"""

MEAN_SQUARE = """
def mean_square(a, b):
    total = 0.0
    for i in range(len(a)):
        difference = a[i] - b[i]
        total = total + difference * difference
    return total / len(a)
"""

RIGHT = {
    "exercise-1": BYTES_MOVED,
    "exercise-2": MEAN_AND_ENDS,
    "exercise-3": LINES_OF,
    "exercise-4": MEAN_SQUARE,
}

WRONG = [
    ("exercise-1", BYTES_MOVED.replace("3 * 8 * n", "3 * n + 1"), "a float64 has 8 bytes"),
    ("exercise-1", BYTES_MOVED.replace("3 * 8", "4 * 8"), "the compiler counts 24000 bytes"),
    ("exercise-1", BYTES_MOVED.replace("11 *", "9 *"), "apart: two products"),
    ("exercise-1", BYTES_MOVED.replace("3 * 8 * n", "24_000"), "depend on n"),
    ("exercise-2", THREE_FUNCTIONS, "v is read more than once"),
    ("exercise-2", MEAN_AND_ENDS.replace(", v.max()", ""), "return three numbers"),
    ("exercise-3", LINES_OF.replace("k for", "k - 1 for"), "lines are counted from 1"),
    ("exercise-3", LINES_OF.replace("== name]", "== ''] "), "is computed somewhere"),
    ("exercise-3", LINES_OF.replace("len(nodes) == 1 and nodes[0].op.name == name",
                                    "name in [node.op.name for node in nodes]"),
     "stands alone in one line"),
    ("exercise-4", MEAN_SQUARE.replace("total / len(a)", "total"), "that is the sum"),
    (
        "exercise-4",
        MEAN_SQUARE.replace("difference * difference", "(a[i] - b[i]) * (a[i] - b[i])"),
        "read each once",
    ),
]  # fmt: skip
