"""The back end for NVIDIA GPUs: kernels as CUDA text, compiled and looked at on any machine."""

from kernelgraph.cuda.installed import status as status
