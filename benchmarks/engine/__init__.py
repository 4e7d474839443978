"""Benchmarks of what a run costs: its steps, its pauses, its history, its memory."""
