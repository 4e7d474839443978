"""Benchmarks of what callers wait for: the API, lists, agents, events."""
