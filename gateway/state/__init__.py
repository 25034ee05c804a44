"""State that many replicas of the gateway share, in Redis."""
