"""Graphs as pictures: boxes and edges, their places, the painter, large graphs folded."""
