"""Room of the c stage."""
