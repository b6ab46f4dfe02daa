"""One line to the user, and none where HORNGATE_QUIET is set."""
import os
import sys


def quiet():
    """Whether the user wants no notices."""
    return os.environ.get("HORNGATE_QUIET", "") not in ("", "0")


def say(line):
    """A line on the error stream."""
    if not quiet():
        print(line, file=sys.stderr, flush=True)
