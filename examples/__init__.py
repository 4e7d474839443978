"""Examples: plain agno workflows. None of them knows that it may be run durably."""
