"""Rewriting: rules that write a graph better, the engine that asks them, the record of their steps.

Here is the mechanism; `rules/` has the rules by subject, `proof/` what tries to refute them.
"""
