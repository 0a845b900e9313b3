"""What checks rules: both sides are compared with each other and with the truth, to refute them."""
