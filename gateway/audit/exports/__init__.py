"""Audit records as other tools read them: JSON lines, OCSF, CEF and OpenTelemetry."""
