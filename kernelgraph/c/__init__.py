"""The back end c."""
