"""How views are written: what escapes text, markup, scripts and the pieces of a page."""
