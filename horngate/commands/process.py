"""What each process of `python -m horngate launch` runs: it joins the others, and then runs the program."""

import os
import runpy
import sys
from pathlib import Path

from horngate.backend import interrupts, processes
from horngate.training.workers import end_with


def main(program: list[str]) -> None:
    """Run `program`: a script, or `-m` and a module, with its arguments."""
    end_with(int(os.environ[processes.LAUNCHED]), outlived=True)
    processes.start()
    is_module = program[0] == "-m"
    sys.argv = program[is_module:]
    try:
        if is_module:
            sys.path.insert(0, os.getcwd())
            runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        else:
            sys.path[0] = str(Path(program[0]).resolve().parent)
            runpy.run_path(program[0], run_name="__main__")
    except SystemExit as error:
        if error.code not in (None, 0, interrupts.TRY_AGAIN):  # the others would wait for this one
            if not isinstance(error.code, int):
                print(error.code, file=sys.stderr)
            processes.leave(error.code if isinstance(error.code, int) else 1)
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
