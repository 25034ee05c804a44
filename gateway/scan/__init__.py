"""Texts to findings, and findings to rewritten texts."""
