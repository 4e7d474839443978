"""A kill at every event of a history: whatever dies there, the run ends as if nothing had."""
