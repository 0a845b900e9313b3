"""Every op is here, one block each: its NumPy meaning, its derivative, its C text, its LaTeX."""
