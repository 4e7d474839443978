"""Following a run: its events as they come, for as many readers as there are, at the price of one."""
