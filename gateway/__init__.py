"""A security gateway that stands in front of any LLM endpoint."""

__version__ = "0.1.0"
