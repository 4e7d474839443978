"""Killing workers and servers at the worst moment: nothing that has finished runs again, and nothing is lost."""
