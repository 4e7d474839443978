"""A run as whoever reads it sees it: gathered once, as one JSON for the HTTP API and the command line alike."""
