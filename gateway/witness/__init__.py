"""A witness of logs: a small second process that remembers how far each log had come.

It cosigns a checkpoint only when the log has grown from the one that it cosigned before, so that
nobody, not even who holds the log's keys and its store, can show two histories to those who ask
for its cosignature.
"""
