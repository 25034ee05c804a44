"""A token to a principal."""
