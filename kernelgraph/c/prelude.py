"""What generated C begins with: short names for types, and functions that its host part calls."""

from __future__ import annotations

import os

from kernelgraph.templates import Helper

_HERE = os.path.dirname(os.path.abspath(__file__))


def host_header() -> str:
    """The text of host.h, which programs and their host share."""
    return read("host.h")


def read(name: str) -> str:
    """The text of a file of C beside this module."""
    with open(os.path.join(_HERE, name), encoding="utf-8") as stream:
        return stream.read()


TYPES = """\
typedef _Bool bool8;
typedef int8_t int8;
typedef int16_t int16;
typedef int32_t int32;
typedef int64_t int64;
typedef uint8_t uint8;
typedef uint16_t uint16;
typedef uint32_t uint32;
typedef uint64_t uint64;
typedef float float32;
typedef double float64;
"""

BYTES_OF = Helper("bytes_of", c="""\
/* Bytes of an array, or -1 if there are more than a pointer can reach. */
static inline int64 bytes_of(int64 item, int32_t rank, const int64 *shape) {
    int64 bytes = item;
    for (int32_t axis = 0; axis < rank; axis++)
        if (shape[axis] < 0 || __builtin_mul_overflow(bytes, shape[axis], &bytes)) return -1;
    return bytes;
}
""")  # fmt: skip

FAIL = Helper("fail", c="""\
static int32_t fail(kg_host *host, int32_t check, int64 a, int64 b, int64 c) {
    host->error_code = check;
    host->error_node = check;
    host->error_detail[0] = a;
    host->error_detail[1] = b;
    host->error_detail[2] = c;
    return KG_PROGRAM_ERROR;
}
""")  # fmt: skip
