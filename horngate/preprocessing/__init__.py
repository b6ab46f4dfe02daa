"""Data made ready for networks: sequences and texts."""
