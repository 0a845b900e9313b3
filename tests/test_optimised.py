"""`python -OO` takes docstrings and assertions out; nothing may depend on them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PROGRAM = '''
import pickle, warnings
warnings.simplefilter("error")
import numpy as np
import kernelgraph as kg, kernelgraph.tensor as T
from kernelgraph.rewrite.rules.order import DEFAULT

def must(fact):
    if not fact:
        raise SystemExit("wrong")

@kg.rule
def own(x):
    """The logarithm undoes exp."""
    return T.log(T.exp(x)), x

must(own.why in ("The logarithm undoes exp.", own.why[:3] == "Why" and own.why))
must(all(rule.why and "-OO" not in rule.why for rule in DEFAULT))
made = {}
exec("def f(x):\\n    'why'\\n    return T.exp(x) * 1, T.exp(x)", {"T": T}, made)
must(kg.rule(made["f"]).why)
x, w = T.dmatrix("x"), kg.shared(np.ones(3), "w")
cost = T.log(1 + T.exp(T.dot(x, w))).sum()
found = []
for target in ("c", "python", "interpret"):
    w.set_value(np.ones(3))
    step = [(w, w - 0.1 * T.grad(cost, w))]
    f = kg.function([x], cost, updates=step, target=target, mode=kg.get_mode(None).with_rules(own))
    f(np.ones((2, 3)))
    found.append(pickle.loads(pickle.dumps(f))(np.ones((2, 3))))
    try:
        f(np.ones((2, 2)))
    except kg.KernelgraphError as error:
        must("KG-S002" in str(error) and error.__notes__)
    else:
        must(False)
must(np.allclose(found, found[0], rtol=1e-14))
states, _ = kg.scan(lambda a: a * 2, outputs_info=[T.dscalar("s")], n_steps=4)
must(kg.function([states.owner.inputs[0].owner.inputs[1]], states)(1.0).tolist() == [2, 4, 8, 16])
for text in (
    kg.debugprint(cost, file="str"), repr(kg.explain(f)), repr(f.steps()), f.source().text,
    repr(f.stages.schedule), str(f.stages.rewriting), repr(f), repr(cost), kg.show(cost),
    f._repr_mimebundle_()["text/plain"], cost._repr_mimebundle_()["text/plain"], kg.lint(cost),
):
    must(text is not None)
import kernelgraph.theano
kernelgraph.theano.install()
import theano
must("log" in theano.pp(cost) and "Elemwise" in theano.printing.debugprint(cost, file="str"))
print("good")
'''


@pytest.mark.parametrize("flag", ["-OO"])
def test_python_without_docstrings_and_assertions(flag: str) -> None:
    done = subprocess.run(
        [sys.executable, flag, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "good\n", done.stderr
