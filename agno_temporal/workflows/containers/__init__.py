"""agno's containers, one file each, as its `aexecute` runs them without streaming.

Their outputs are made of their children's, and never written to history. The texts are agno's, word for word, because
later steps and users read them.
"""
