"""Theano's own texts of graphs, to the letter."""
