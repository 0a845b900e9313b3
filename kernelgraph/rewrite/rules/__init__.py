"""The rules of this package by subject; `order.py` has the order in which they are asked."""
