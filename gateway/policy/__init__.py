"""Policy: YAML files in, one immutable policy out, and its pure decisions."""
