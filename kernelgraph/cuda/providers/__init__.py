"""The libraries by which a GPU is reached, a module for each; imported only when asked for."""
