"""What everybody needs in order to use a view, as questions to a page in a browser.

A page comes in, findings go out, one line each. `rules` asks axe-core, which knows the rules of
WCAG; the others ask what axe cannot tell: the contrast of words in pictures, and whether Tab
reaches what the mouse can use, with a mark that shows where one is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

LEAST_CONTRAST = 4.5

THEMES = {
    "light": "<body style='background:#fff;color:#212121'>",
    "dark": "<body data-jp-theme-light=false style='color-scheme:dark;background:#111;color:#ddd'>",
    "vscode": "<body class='vscode-dark' style='background:#1e1e1e;color:#ccc'>",
}
"""Beginnings of pages with the colours of JupyterLab, and of VS Code, whose `color-scheme` says
nothing.
"""

PICTURE_CONTRAST = """least => {
    const light = colour => {
        const [r, g, b, a] = colour.match(/[0-9.]+/g).map(Number);
        if (a === 0) return null;
        const parts = [r, g, b].map(part => part / 255)
            .map(p => p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4);
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const fill = element => {
        const colour = getComputedStyle(element).fill;
        return colour.startsWith('rgb') ? light(colour) : null;
    };
    const findings = new Set();
    for (const svg of document.querySelectorAll('svg')) {
        const shapes = [...svg.querySelectorAll('rect, path, circle')]
            .map(shape => [shape, fill(shape), shape.getBoundingClientRect()])
            .filter(([, ink, box]) => ink !== null && box.width > 4 && box.height > 4);
        for (const text of svg.querySelectorAll('text')) {
            const box = text.getBoundingClientRect();
            if (!box.width) continue;
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
            const below = shapes.filter(([shape, , at]) =>
                at.left <= x && x <= at.right && at.top <= y && y <= at.bottom
                && shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING);
            const ground = below.length ? below.at(-1)[1] : null;
            const ink = fill(text);
            if (ground === null || ink === null) {
                findings.add(`no ground below ${text.outerHTML.slice(0, 120)}`);
                continue;
            }
            const ratio = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
            if (ratio < least)
                findings.add(`${ratio.toFixed(2)}: ${text.outerHTML.slice(0, 160)}`);
        }
    }
    return [...findings];
}"""

USABLE = "a, button, input, select, summary, textarea, [role=button], [role=option], [role=tab]"

MOUSE_ONLY = """usable => [...document.querySelectorAll('main *')]
    .filter(item => getComputedStyle(item).cursor === 'pointer')
    .filter(item => !item.closest(`${usable}, label, [tabindex]`))
    .map(item => item.outerHTML.slice(0, 160))"""

WANTED = """usable => {
    const seen = item => item.checkVisibility({visibilityProperty: true})
        && !item.disabled && item.tabIndex >= 0;
    window.wanted = [...document.querySelectorAll(`${usable}, [tabindex]`)].filter(seen);
    window.reached = new Set();
    return window.wanted.length;
}"""

NOTE_FOCUS = """() => {
    const item = document.activeElement;
    if (item === document.body || window.reached.has(item)) return 'round';
    window.reached.add(item);
    const style = getComputedStyle(item);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    const edge = item.querySelector(':scope > rect, :scope > path');  // of a box in a picture
    const marked = outlined || edge && parseFloat(getComputedStyle(edge).strokeWidth) >= 3;
    return marked ? '' : `no mark of focus: ${item.outerHTML.slice(0, 160)}`;
}"""

UNREACHED = """() => window.wanted.filter(item => !window.reached.has(item))
    .map(item => `Tab does not reach ${item.outerHTML.slice(0, 160)}`)"""

MOVING = """() => document.getAnimations().length
    + [...document.querySelectorAll('main *')].filter(item => {
        const style = getComputedStyle(item);
        return parseFloat(style.transitionDuration) || style.animationName !== 'none';
    }).length"""


def document(theme: str, *views: str) -> str:
    """A page with views, in the colours of a theme."""
    head = "<!doctype html><html lang='en'><meta charset='utf-8'><title>views</title>"
    return f"{head}{THEMES[theme]}<main><h1>views</h1>{''.join(views)}</main></body></html>"


def rules(page: Page, within: str = "main") -> list[str]:
    """What breaks a rule of axe-core, by view."""
    from axe_playwright_python.sync_playwright import Axe  # optional, so not at the top

    found: Any = Axe().run(page, context=within).response
    assert len(found["passes"]) > 5, "axe has looked at something"
    return [
        f"{broken['id']} ({broken['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for broken in found["violations"]
        for node in broken["nodes"]
    ]


def faint_words(page: Page) -> list[str]:
    """Words in pictures that do not stand out from what they are written on."""
    return page.evaluate(PICTURE_CONTRAST, LEAST_CONTRAST)


def out_of_reach(page: Page) -> list[str]:
    """What the keyboard cannot get at, and what does not show that it has the focus."""
    findings: list[str] = page.evaluate(MOUSE_ONLY, USABLE)
    for _ in range(page.evaluate(WANTED, USABLE) + 2):
        page.keyboard.press("Tab")
        finding: str = page.evaluate(NOTE_FOCUS)
        if finding == "round":
            break
        findings += [finding] if finding else []
    return findings + page.evaluate(UNREACHED)
