"""The back end that prints the loops as Python: slow, readable, and the check of everything that
happens before C.
"""
