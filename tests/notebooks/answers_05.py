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

SINE_OVER = """
def sine_over(x):
    return T.switch(T.eq(x, 0), 1.0, T.sin(x) / x)
"""

HESSIAN_TIMES = """
def hessian_times(cost, v, direction):
    return T.Rop(T.grad(cost, v), v, direction)
"""

RIGHT = {
    "exercise-1": SLOPES_BY_HAND,
    "exercise-2": MEASURED,
    "exercise-3": SINE_OVER,
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
    ("exercise-3", "def sine_over(x):\n    return T.sin(x) / x\n", "0 / 0 is no number"),
    ("exercise-3", "def sine_over(x):\n    return T.sin(x) / (x + 1e-9)\n", "at 0 it is 1"),
    (
        "exercise-3",
        SINE_OVER.replace("1.0, T.sin(x) / x", "1.0 + x, T.sin(x) / x"),
        "the slope at 0",
    ),
    (
        "exercise-4",
        "def hessian_times(cost, v, direction):\n    return T.grad(cost, v) * direction\n",
        "in direction",
    ),
]
