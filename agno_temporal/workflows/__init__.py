"""Temporal workflow code: the interpreter of plans.

Replay must give the same commands for ever, so nothing here may read a clock, draw a random number, iterate a set, do
I/O or run user code; and nothing here imports agno, so that a workflow task costs no more than a hand-written one's.

But for what wraps the definition on a worker, and is called by nothing in it: `uninterrupted`, `ahead`, `in_order`, and
`server`, which asks Temporal.
"""
