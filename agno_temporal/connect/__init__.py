"""How a process reaches Temporal: its settings, its connection, and the loop that synchronous calls run on."""
