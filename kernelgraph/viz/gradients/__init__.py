"""The gradient explorer and the walk back through a graph."""
