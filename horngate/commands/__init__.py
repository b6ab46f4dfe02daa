"""What `python -m horngate` does, a file for each group of commands."""
