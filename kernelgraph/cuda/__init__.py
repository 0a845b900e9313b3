"""The back end that prints kernels for NVIDIA GPUs: text only, so far."""

from kernelgraph.cuda.installed import status as status
