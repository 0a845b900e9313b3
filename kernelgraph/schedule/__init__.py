"""Planning: which nodes run together in one loop, which are left to Python or a library, and in
which order.
"""
