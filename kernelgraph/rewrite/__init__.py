"""Rewriting: rules that write a graph better, and the record of what they did."""
