"""How fast things are, beside NumPy, in one run: `./kg bench`."""
