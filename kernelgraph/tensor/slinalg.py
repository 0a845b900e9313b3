"""Linear algebra: `T.slinalg.solve`."""

from kernelgraph.ops.solving import solve

__all__ = ["solve"]
