"""Trainings that are killed again and again must come out as if nothing had happened: `python -m tests.kills`."""
