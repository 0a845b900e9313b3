"""The loop language: what runs, down to single numbers, before it is printed for any machine."""
