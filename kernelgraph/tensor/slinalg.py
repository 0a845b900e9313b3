"""Linear algebra, under the name that it has in Theano."""

from kernelgraph.ops.solving import solve

__all__ = ["solve"]
