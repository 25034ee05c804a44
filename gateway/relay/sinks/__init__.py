"""Receivers of the audit log's records: webhooks, syslog and OpenTelemetry collectors."""
