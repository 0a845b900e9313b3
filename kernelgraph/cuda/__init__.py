"""The back end for NVIDIA GPUs: programs mapped to a grid of threads and printed as CUDA, which a
simulator runs on any machine.
"""

from kernelgraph.cuda.installed import status as status
