import base64
import re

from kernelgraph.viz.pictures.drawing import Box, Picture
from kernelgraph.viz.pictures.engines.layered import layered
from kernelgraph.viz.pictures.figure import figure
from kernelgraph.viz.pictures.svg import paint

PICTURE = Picture("t", 'a "picture"', (Box("n0", ("add",), "elementwise"),), ())


def test_a_figure_is_an_image_with_its_description() -> None:
    layout = layered(PICTURE)
    text = figure(layout)
    match = re.search(r'alt="(.*?)".*base64,([^"]+)"', text)
    assert match is not None
    assert match.group(1) == "a &quot;picture&quot;"
    assert base64.b64decode(match.group(2)).decode() == paint(layout)


def test_a_wide_figure_scrolls_instead_of_shrinking() -> None:
    wide = Picture("t", "d", (Box("n0", ("x" * 200,), "elementwise"),), ())
    assert "max-width:none" in figure(layered(wide))
    assert "max-width:100%" in figure(layered(PICTURE))
