"""Answers to the exercises of lesson 5, right ones and typical wrong ones."""

from __future__ import annotations

SLOPES_BY_HAND = """
def slopes_by_hand(a, b):
    at_product = np.cos(a * b)
    return at_product * b + 1, at_product * a
"""

MEASURED = """
def measured_gradient(f, point):
    slopes = np.zeros(len(point))
    for k in range(len(point)):
        way = np.zeros(len(point))
        way[k] = 1e-5
        slopes[k] = (f(point + way) - f(point - way)) / 2e-5
    return slopes
"""

MEASURED_IN_PLACE = """
def measured_gradient(f, point):
    slopes = np.zeros(len(point))
    for k in range(len(point)):
        before = f(point)
        point[k] += 1e-5
        slopes[k] = (f(point) - before) / 1e-5
    return slopes
"""

SAFE_LENGTH = """
def safe_length(v):
    square = T.dot(v, v)
    return T.switch(square > 0, T.sqrt(T.switch(square > 0, square, 1.0)), 0.0)
"""

HESSIAN_TIMES = """
def hessian_times(cost, v, direction):
    return T.Rop(T.grad(cost, v), v, direction)
"""

RIGHT = {
    "exercise-1": SLOPES_BY_HAND,
    "exercise-2": MEASURED,
    "exercise-3": SAFE_LENGTH,
    "exercise-4": HESSIAN_TIMES,
}

WRONG = [
    ("exercise-1", SLOPES_BY_HAND.replace(" + 1,", ","), "two numbers arrive at a"),
    ("exercise-1", SLOPES_BY_HAND.replace("np.cos", "np.sin"), "by a at (0.0, 2.0)"),
    ("exercise-1", SLOPES_BY_HAND.replace("at_product * a", "at_product * b"), "by b at"),
    ("exercise-2", MEASURED_IN_PLACE, "work on a copy"),
    ("exercise-2", MEASURED.replace("f(point - way)) / 2e-5", "f(point)) / 1e-5"), "on both sides"),
    ("exercise-2", MEASURED.replace("e-5", "e-13"), "off by"),
    ("exercise-2", MEASURED.replace("way[k]", "way[:]"), "is each entry moved alone?"),
    ("exercise-3", "def safe_length(v):\n    return T.sqrt(T.dot(v, v))\n", "still sees the 0"),
    (
        "exercise-3",
        "def safe_length(v):\n    return T.sqrt(T.dot(v, v) + 1e-12)\n",
        "the length of (3, 4) is 5",
    ),
    (
        "exercise-4",
        "def hessian_times(cost, v, direction):\n    return T.grad(cost, v) * direction\n",
        "in direction",
    ),
]
