"""Planning: which nodes share a loop, which are left to Python or a library, and their order."""
