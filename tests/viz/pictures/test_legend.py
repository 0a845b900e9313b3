from typing import get_args

from kernelgraph.viz.pictures.drawing import Box, Kind, Picture
from kernelgraph.viz.pictures.svg import MEANINGS, legend


def test_every_kind_is_explained() -> None:
    assert set(MEANINGS) == set(get_args(Kind))


def test_only_what_is_there_is_explained() -> None:
    text = legend(Picture("t", "d", (Box("n0", ("add",), "elementwise"),), ()))
    assert MEANINGS["elementwise"][1] in text
    assert MEANINGS["shared"][1] not in text
