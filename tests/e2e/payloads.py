r"""Texts that would run, load or disturb something if a view took them for more than text.

Each one that runs sets `window.hit`. They are short, since views cut long names. The list of names
in `tests/viz/hostile_names.json` is about what is written; this one is about what a browser does.
"""

from __future__ import annotations

EVENT_HANDLERS = [
    "<img src=x onerror=hit=1>",
    "<img/src/onerror=hit=1>",
    "<IMG SRC=x OnErRoR=hit=1>",
    '<img src=x onerror="hit=1"',
    "<svg onload=hit=1>",
    "<svg/onload=hit=1//",
    "<body onload=hit=1>",
    "<details open ontoggle=hit=1>",
    "<input autofocus onfocus=hit=1>",
    "<select autofocus onfocus=hit=1>",
    "<video><source onerror=hit=1>",
    "<audio src=x onerror=hit=1>",
    "<p style=animation:x onanimationstart=hit=1>",
    "<marquee onstart=hit=1>",
]

OUT_OF_ATTRIBUTES = [
    '" onmouseover="hit=1',
    "' onmouseover='hit=1",
    "` onmouseover=`hit=1",
    '" autofocus onfocus="hit=1" x="',
    '"><img src=x onerror=hit=1>',
    "'><img src=x onerror=hit=1>",
    '"/><svg onload=hit=1>',
    "x\n onmouseover=hit=1 y=",
    '" style="animation:x" onanimationend="hit=1',
]

OUT_OF_ELEMENTS = [
    "<script>hit=1</script>",
    "</script><script>hit=1</script>",
    "</style><script>hit=1</script>",
    "</title><script>hit=1</script>",
    "</textarea><script>hit=1</script>",
    "</pre></details><script>hit=1</script>",
    "</svg><script>hit=1</script>",
    "</text><script>hit=1</script>",
    "<!--<img src=x onerror=hit=1>-->",
    "--><script>hit=1</script><!--",
    "]]><script>hit=1</script>",
    "<![CDATA[><script>hit=1</script>]]>",
    "<scr<script>ipt>hit=1</scr</script>ipt>",
    "<script\x00>hit=1</script>",
    "\\u003cscript>hit=1\\u003c/script>",
    "&lt;script&gt;hit=1&lt;/script&gt;",
    "&#60;img src=x onerror=hit=1&#62;",
    "\uff1cscript\uff1ehit=1\uff1c/script\uff1e",
]

SVG_AND_MATHML = [
    "<svg><script>hit=1</script></svg>",
    "<svg><animate onbegin=hit=1 attributeName=x>",
    "<svg><a xlink:href=javascript:hit=1><text>x</text></a>",
    "<svg><use href=data:image/svg+xml,<x/>#x>",
    "<svg><foreignObject><img src=x onerror=hit=1>",
    "<math><mi xlink:href=javascript:hit=1>x</mi></math>",
    "<math><mtext><style><img src=x onerror=hit=1>",
    "<svg><style><img src=x onerror=hit=1></style>",
]

ADDRESSES = [
    "javascript:hit=1",
    "<a href=javascript:hit=1>x</a>",
    "<a href='java\tscript:hit=1'>x</a>",
    "[x](javascript:hit=1)",
    "<iframe src=javascript:parent.hit=1>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<object data=javascript:hit=1>",
    "<embed src=data:text/html,<script>hit=1</script>>",
    "data:text/html,<script>opener.hit=1</script>",
    "<form action=javascript:hit=1><button>x</button>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<img src=//evil.example/x.png>",
    "<img src=file:///etc/passwd>",
    "![x](https://evil.example/x.png)",
]

STYLES = [
    "<style>@import '//evil.example/x.css';</style>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style=background:url(//evil.example)>",
    "x;width:expression(hit=1)",
    "red;background:url(javascript:hit=1)",
    "}*{background:url(//evil.example)}x{",
]

TEMPLATES_AND_SCRIPTS = [
    "{{constructor.constructor('hit=1')()}}",
    "${hit=1}",
    "`${hit=1}`",
    "#{hit=1}",
    "<%= hit=1 %>",
    "';hit=1;//",
    '";hit=1;//',
    "\\';hit=1;//",
    '"]});hit=1;({"x":["',
    "\u2028hit=1//",
    "*/hit=1;/*",
    "__proto__",
    "constructor",
    "toString",
]

FORMULAS = [
    "$\\href{javascript:hit=1}{x}$",
    "$$\\href{javascript:hit=1}{x}$$",
    "\\(\\href{javascript:hit=1}{x}\\)",
    "\\[\\href{javascript:hit=1}{x}\\]",
    "\\begin{align}\\href{javascript:hit=1}{x}\\end{align}",
    "$\\unicode{60}img src=x onerror=hit=1\\unicode{62}$",
    "$\\require{html}\\style{background:url(//x)}{x}$",
    "$\\require{action}\\toggle{a}{b}\\endtoggle$",
    "$\\class{x}{y}\\cssId{z}{y}$",
    "}$<img src=x onerror=hit=1>$",
    "\\def\\x{\\x\\x}\\x",
    "\\newcommand{\\frac}{x}",
    "\\input{/etc/passwd}",
    "\\text{$\\href{javascript:hit=1}{x}$}",
    "$\\includegraphics{//evil.example/x.png}$",
]

OTHER_LANGUAGES = [
    '"]; evil [label="<img src=x onerror=hit=1>',
    '"; } digraph { evil [URL="javascript:hit=1"] } "',
    "label=<<TABLE><TR><TD HREF='javascript:hit=1'>x</TD></TR></TABLE>>",
    "\\N\\G\\l\\r",
    '");system("touch hit");("',
    "\\\n#error hit",
    "??/\n#error hit",
    "%s%n%x",
]

UNSEEN = [
    "\x1b]8;;javascript:hit=1\x07x\x1b]8;;\x07",
    "\x1b[2Jgone",
    "name\u202egnp.exe",
    "\u2066\u2067x\u2069",
    "zero\u200bwidth\ufeff",
    "nul\x00name",
    "half \ud800 a character",
    "\U000e0041\U000e0042tag",
    "back\x08\x08\x7f",
    "שלום<script>hit=1</script>",
]

PAYLOADS = [
    *EVENT_HANDLERS,
    *OUT_OF_ATTRIBUTES,
    *OUT_OF_ELEMENTS,
    *SVG_AND_MATHML,
    *ADDRESSES,
    *STYLES,
    *TEMPLATES_AND_SCRIPTS,
    *FORMULAS,
    *OTHER_LANGUAGES,
    *UNSEEN,
]
