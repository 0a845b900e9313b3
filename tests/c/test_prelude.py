"""Functions that every host part of generated C may call."""

from __future__ import annotations

import ctypes

import pytest

from kernelgraph.c.build import Builder
from kernelgraph.c.prelude import BYTES_OF, FAIL, TYPES, host_header

WIDEST = 2**62


@pytest.mark.parametrize(
    ("shape", "size"),
    [([], 8), ([3, 4], 96), ([0, WIDEST], 0), ([-1], -1), ([WIDEST, 4], -1), ([WIDEST], -1)],
)
def test_bytes_of_an_array(shape: list[int], size: int, shared_builder: Builder) -> None:
    export = (
        "KG_EXPORT int64 bytes(int64 i, int32_t r, const int64 *s) { return bytes_of(i, r, s); }"
    )
    text = "\n".join([host_header(), TYPES, BYTES_OF.c, export])
    library = shared_builder.build(text, "bytes")
    arguments = ctypes.c_int64, ctypes.c_int32, ctypes.c_void_p
    function = ctypes.CFUNCTYPE(ctypes.c_int64, *arguments)(library.address)
    sizes = (ctypes.c_int64 * max(len(shape), 1))(*shape)
    assert function(8, len(shape), ctypes.addressof(sizes)) == size


def test_a_check_that_fails_says_which_and_with_what() -> None:
    for place, letter in enumerate("abc"):
        assert f"error_detail[{place}] = {letter};" in FAIL.c
    assert "error_code = check;" in FAIL.c
    assert "return KG_PROGRAM_ERROR;" in FAIL.c


def test_the_types_are_those_of_dtypes(shared_builder: Builder) -> None:
    names = ["bool8", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
    names += ["float32", "float64"]
    sizes = ", ".join(f"sizeof({name})" for name in names)
    export = f"int64 sizes[] = {{ {sizes} }}; KG_EXPORT int64 *of(void) {{ return sizes; }}"
    library = shared_builder.build("\n".join([host_header(), TYPES, export]), "of")
    function = ctypes.CFUNCTYPE(ctypes.POINTER(ctypes.c_int64))(library.address)
    assert function()[: len(names)] == [1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8]
