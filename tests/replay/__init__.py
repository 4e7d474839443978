"""Histories of fixed runs, kept for ever, and replayed by every version that follows."""
