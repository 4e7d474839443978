"""The pictures and the tables of docs/performance.md, from the JSON of the commands: ``make figures``."""
