"""What is too large, not serialisable, malformed or missing: each ends, or waits, with a clear word."""
