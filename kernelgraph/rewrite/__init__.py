"""Room of the rewrite stage."""
