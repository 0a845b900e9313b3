"""Pure renderers: values of the compiler come in, text, SVG, HTML and LaTeX go out."""
