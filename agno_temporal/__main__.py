"""``python -m agno_temporal``: the command line."""

from agno_temporal.cli import main

if __name__ == "__main__":
    main()
