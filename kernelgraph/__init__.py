"""kernelgraph: a tensor compiler whose every stage can be seen.

>>> import kernelgraph as kg
>>> import kernelgraph.tensor as T
>>> x = T.dvector("x")
>>> f = kg.function([x], (x * x).sum())
>>> f([1.0, 2.0, 3.0])
array(14.)
"""
