"""What crosses a process border: names in history, and the data classes that are written there."""
