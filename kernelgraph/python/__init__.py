"""The back end that prints loops as Python: slow, readable, and the check of all before C."""
