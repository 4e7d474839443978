"""What is raised for a setting that is wrong, here and above."""

from __future__ import annotations


class BadSetting(ValueError):
    """A setting is wrong, or does not go with another. The message names it, and says what it should be."""
