r"""Any view without its script and its style: what a notebook shows that nobody trusts.

>>> print(without_scripts("<p data-static=\"\">Trust me.</p><b>1 &lt; 2</b><script>a()</script>"))
<b>1 &lt; 2</b>
"""

from __future__ import annotations

import re

from kernelgraph.viz.html.markup import Markup, html

# As a browser reads them: up to the first end tag. Text of users holds none, it is escaped.
_LIVE = re.compile(r"<(script|style)\b[^>]*>.*?</\1>", re.DOTALL)
_NOTE = re.compile(html("p", {"data-static": ""}, "@").replace("@", "[^<]*"))


def without_scripts(markup: str) -> Markup:
    """The same view with nothing in it that runs, and without the advice to trust it."""
    return Markup(_NOTE.sub("", _LIVE.sub("", markup)))
