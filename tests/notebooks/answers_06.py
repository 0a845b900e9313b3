"""Answers to the exercises of lesson 6, right ones and typical wrong ones."""

from __future__ import annotations

EXACT_ONES = """
def exact_ones():
    return {"doubled", "maximum_again"}
"""

MAKE_RULE = '''
def make_rule():
    @kg.rule(changes="rounding", when=lambda match: match["x"].dtype.startswith("float"))
    def log_of_exps(x, y):
        """The logarithm undoes both, and nothing overflows on the way."""
        return T.log(T.exp(x) * T.exp(y)), x + y
    return log_of_exps
'''

ROOTS = """
def difference_of_roots(x):
    return 1 / (T.sqrt(x + 1) + T.sqrt(x))
"""

HONEST_MODE = """
def honest_mode():
    return kg.get_mode("FAST_RUN").excluding("stabilize")
"""

RIGHT = {
    "exercise-1": EXACT_ONES,
    "exercise-2": MAKE_RULE,
    "exercise-3": ROOTS,
    "exercise-4": HONEST_MODE,
}

WRONG = [
    ("exercise-1", EXACT_ONES.replace('"doubled", ', ""), "doubled holds"),
    ("exercise-1", EXACT_ONES.replace("{", '{"turned", '), "turned is refuted"),
    ("exercise-1", EXACT_ONES.replace("{", '{"magnitudes", '), "magnitudes is refuted"),
    ("exercise-2", MAKE_RULE.replace("    return log_of_exps", ""), "return the rule"),
    ("exercise-2", MAKE_RULE.replace('changes="rounding", ', ""), "say so with changes="),
    ("exercise-2", MAKE_RULE.replace("* T.exp(y)", "+ T.exp(y)"), "does not find"),
    (
        "exercise-3",
        "def difference_of_roots(x):\n    return T.sqrt(x + 1) - T.sqrt(x)\n",
        "a difference is still there",
    ),
    ("exercise-4", HONEST_MODE.replace('.excluding("stabilize")', ""), "which phase does that?"),
    ("exercise-4", HONEST_MODE.replace("excluding", "requiring"), "something must simplify"),
]
