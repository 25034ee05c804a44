"""Models beside the built-in detectors: an operator's own classifier, or one that reads names."""
