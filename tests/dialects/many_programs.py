"""Run programs one after the other, each in a process of its own that is forked from one with the libraries loaded.

python -m tests.dialects.many_programs FOLDER PROGRAM ...     runs them in FOLDER; prints what each that fails says
"""

import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

ERAS = {"03": "0.3", "10": "1.0", "12": "1.2", "2": "2", "22": "2.2", "tf2": "tf2", "3": "3"}


def run(program, folder):
    """Run a program by the public command, in the era that its name ends with; returns whether it ended well."""
    from horngate.__main__ import main

    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            os.chdir(folder)
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            code = 1
            try:
                code = main(["--era", ERAS[Path(program).stem.rpartition("_")[2]], program])
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code or 0)
        begun = time.perf_counter()
        failed = os.waitpid(child, 0)[1]
        said.seek(0)
        if failed:
            print(f"{program} failed:\n{said.read()}", flush=True)
        print(f"{Path(program).name}: {time.perf_counter() - begun:.1f} s", flush=True)
        return not failed


if __name__ == "__main__":
    import horngate.layers
    import horngate.models
    import horngate.optimizers  # noqa: F401

    ended = [run(program, sys.argv[1]) for program in sys.argv[2:]]
    print(f"{sum(ended)} of {len(ended)} ran")
    sys.exit(not all(ended))
