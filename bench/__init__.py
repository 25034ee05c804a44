"""Load and latency of the gateway with everything on: ``python -m bench``."""
