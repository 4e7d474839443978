"""How this package compares with the Temporal workflow that an expert would write by hand: ``make bench``."""
