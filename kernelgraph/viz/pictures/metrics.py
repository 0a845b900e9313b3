"""How wide a line of text will be, without a font file.

A string comes in, its width in pixels goes out. The advance widths are those of DejaVu Sans, one of
the widest common sans-serif faces, so that a box measured here is wide enough whichever face the
reader's machine puts into it.
"""

from __future__ import annotations

import unicodedata

FONT_FAMILY = "'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif"
FONT_SIZE = 13.0
"""Height of the letters in pixels."""
LINE_HEIGHT = 17.0
"""Distance between two base lines in pixels."""

# Advance widths of the characters " " to "~", in thousandths of the font size.
_ASCII_WIDTHS = (
    *(318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337),  # space … /
    *(636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531),  # 0 … ?
    *(1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787),  # @ A … O
    *(603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500),  # P … _
    *(500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612),  # ` a … o
    *(635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838),  # p … ~
)
_WIDE = 1300  # east Asian characters and emoji
_OTHER = 840  # most Greek, Cyrillic, Arabic and mathematical characters are narrower


def text_width(text: str, font_size: float = FONT_SIZE) -> float:
    """Width of one line of text in pixels: an upper bound for the common sans-serif faces.

    >>> text_width("sigmoid") < text_width("sigmoid ") < text_width("世界世界世界")
    True
    """
    return sum(map(_advance, text)) * font_size / 1000


def _advance(character: str) -> int:
    code = ord(character)
    if 32 <= code < 127:
        return _ASCII_WIDTHS[code - 32]
    if unicodedata.combining(character):
        return 0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _OTHER
