"""How what a run costs grows with its length, its outputs, and with how many others there are: ``make growth``."""
