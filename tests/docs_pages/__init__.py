"""agno's two documentation pages on pauses: what they write runs here as it is written there.

Each test stands for one block of a page and is named after its heading. Imports, arguments, loops and calls are the
block's, line by line; names, texts and subjects are our own. The one line that makes the workflow durable is marked.
``input()`` is answered by the `typed` fixture.
"""
