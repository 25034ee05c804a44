"""Rates, token budgets and concurrency, in memory or shared by many replicas."""
