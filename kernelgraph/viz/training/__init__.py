"""What training looks like while it goes on."""
