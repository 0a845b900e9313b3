"""A compiled program is tried before it is trusted: it runs on a few small inputs, and what it
gives is compared with the meaning of its graph.
"""
