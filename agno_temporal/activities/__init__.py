"""Temporal activities: thin, over the bridge. What does I/O or runs user code, runs here."""
