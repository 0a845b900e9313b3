"""What generated CUDA begins with: short names for types."""

from __future__ import annotations

TYPES = """\
typedef bool bool8;
typedef signed char int8;
typedef short int16;
typedef int int32;
typedef long long int64;
typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;
typedef float float32;
typedef double float64;
"""
