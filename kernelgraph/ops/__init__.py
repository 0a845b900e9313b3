"""Where every op lives, one block each: its NumPy meaning, its derivative, its C text, its
LaTeX.
"""
