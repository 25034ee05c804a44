"""Network bytes to a trusted request: HTTP rules, bounded body, strict JSON."""
