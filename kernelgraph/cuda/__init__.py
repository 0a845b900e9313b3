"""Room of the cuda stage."""
