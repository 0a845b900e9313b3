"""Answers to the exercises of lesson 4, right ones and typical wrong ones.

An answer stands in place of the part of a cell above its check.
"""

from __future__ import annotations

DEPTH = """
def depth(output):
    known = {}
    for node in kg.Graph((), (output,)).apply_nodes():
        deepest = max((known.get(operand, 0) for operand in node.inputs), default=0)
        known.update(dict.fromkeys(node.outputs, deepest + 1))
    return known.get(output, 0)
"""

USES = """
def uses(output, variable):
    nodes = kg.Graph((), (output,)).apply_nodes()
    return sum(operand is variable for node in nodes for operand in node.inputs)
"""

CENTRED = """
def centred(formula, values):
    return kg.clone(formula, replace={values: values - values.mean()})
"""

CLIP = """
class Clip(kg.Op):
    __props__ = ()

    def make_node(self, x):
        return kg.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.clip(inputs[0], -1, 1)

    def grad(self, inputs, output_gradients):
        return [T.switch(abs(inputs[0]) < 1, output_gradients[0], 0)]
"""

RIGHT = {
    "exercise-1": DEPTH,
    "exercise-2": USES,
    "exercise-3": CENTRED,
    "exercise-4": CLIP,
}

WRONG = [
    (
        "exercise-1",
        "def depth(output):\n    return len(kg.Graph((), (output,)).apply_nodes()) - 1",
        "an input has no node above it",
    ),
    ("exercise-1", DEPTH.replace("max(", "min("), "the longest way counts, not the shortest"),
    ("exercise-2", USES.replace("operand is variable", "True"), "p is not q"),
    (
        "exercise-2",
        USES.replace("sum(operand is variable for node in nodes for operand in node.inputs)",
                     "sum(variable in node.inputs for node in nodes)"),
        "both operands of p * p are p",
    ),
    ("exercise-3", CENTRED.replace(" - values.mean()", " - 1"), "4 + 1 + 9 = 14"),
    ("exercise-4", CLIP.replace("output_gradients[0]", "1.0"), "multiply with the gradient"),
    ("exercise-4", CLIP.replace("__props__ = ()", "pass"), "makes all instances equal"),
    ("exercise-4", CLIP.replace("-1, 1)", "0, 1)"), "wrong numbers"),
]  # fmt: skip
