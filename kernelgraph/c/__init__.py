"""The back end that prints C, compiles it on the user's machine, tries it, and calls it."""
