"""Errors that draw themselves."""
