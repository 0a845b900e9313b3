"""The back end for NVIDIA GPUs: programs mapped to a grid of threads, printed as CUDA, compiled, and
run by a simulator on any machine.
"""

from kernelgraph.cuda.installed import status as status
