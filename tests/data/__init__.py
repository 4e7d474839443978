"""Large and secret data: encryption, external storage, deletion, and where secrets must not be."""
