"""One pause each: a small agno workflow, and the loop that answers what it asks.

``python -m examples.pauses.confirmation`` runs one with the answers that are written down in it, on a server of its
own that is taken down at the end; with ``--ask`` you are asked at the terminal.
"""
