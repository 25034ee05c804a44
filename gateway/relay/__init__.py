"""What leaves the audit log for others: checkpoints to witnesses and mirrors, records to sinks.

Each has a thread of its own, so one that is slow or dead holds up neither the log nor the others.
"""
