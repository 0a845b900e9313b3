"""Variables, ops and graphs in words: names, trees, formulas, numbers."""
