"""The pictures of the README are what their tool would draw now."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import gallery  # noqa: E402 - tools/ is no package

WRITE = "run ./kg python tools/gallery.py"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", gallery.PICTURES)
def test_a_picture_is_up_to_date(name: str) -> None:
    drawn = gallery.PICTURES[name]().rstrip() + "\n"
    assert (gallery.GALLERY / f"{name}.svg").read_text(encoding="utf-8") == drawn, WRITE


@pytest.mark.parametrize("name", gallery.PICTURES)
def test_a_picture_is_svg_without_scripts_and_names(name: str) -> None:
    text = (gallery.GALLERY / f"{name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    elements = list(root.iter())

    assert root.tag == f"{SVG}svg"
    assert float(root.attrib["width"]) < 1200
    assert not [each for each in elements if each.tag == f"{SVG}script" or "id" in each.attrib]
    assert len(text) < 50_000


def test_every_picture_is_in_the_readme_and_described() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r'<img src="docs/gallery/(\w+)\.svg" alt="([^"]{20,})"', text)
    files = {path.stem for path in gallery.GALLERY.iterdir()}

    assert {name for name, _ in shown} == files == set(gallery.PICTURES)


def test_every_lesson_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lessons = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(re.findall(r"\(notebooks/([^)]*)\)", text)) == lessons


def test_the_kernel_shows_the_numbers_of_its_nodes_twice() -> None:
    texts = [each.text or "" for each in ElementTree.fromstring(gallery.kernel()).iter()]
    in_boxes = {found[0] for text in texts if (found := re.match(r"n\d+(?= \w)", text))}
    in_code = {key for text in texts if "│" in text for key in re.findall(r"n\d+", text)}
    assert in_boxes
    assert in_boxes == in_code
