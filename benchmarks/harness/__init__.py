"""What every benchmark is made with: pairs, intervals, rows, and a server that both sides share."""
