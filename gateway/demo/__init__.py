"""A small model server and the quickstart."""
