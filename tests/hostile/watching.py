"""Running a harness in processes of its own, so that a crash or a hang is seen, and the rest goes on."""

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START = 120  # seconds that a process may take for its first case


def watched(module, arguments, seconds):
    """(case, what is wrong or None) of each case that `python -m module` tells of, none longer than `seconds`.

    A process says `[*case]` before each and `[*case, fault]` after it, and takes up with `--skip N` after N cases.
    """
    done = 0
    while True:
        command = [sys.executable, "-m", module, *arguments, "--skip", str(done)]
        environment = {
            **os.environ,
            "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT),
            "HORNGATE_CACHE_DIR": "off",
        }
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
            said, begun, first = _lines(process.stdout), None, done
            errors = _collected(process.stderr)
            while True:
                try:
                    line = said.get(timeout=seconds if begun else START)
                except queue.Empty:
                    process.kill()
                    line = None
                    end = f"it took more than {seconds} s"
                else:
                    end = None
                if line is None:
                    break
                case = json.loads(line)
                if begun is None:
                    begun = case
                else:
                    yield begun, case[-1]
                    begun, done = None, done + 1
        if begun is None and process.returncode == 0:
            return
        last = errors.getvalue().strip().splitlines()[-1:]
        yield begun or ["between"], end or f"the process ended with {process.returncode}: {''.join(last)[-300:]}"
        if begun is None and done == first:
            return  # it does not even begin
        done += begun is not None


def _lines(stream):
    """A queue of the lines of a stream; None is its end."""
    found = queue.Queue()

    def read():
        for line in stream:
            found.put(line)
        found.put(None)

    threading.Thread(target=read, daemon=True).start()
    return found


class _collected:
    """The text of a stream, read as it comes."""

    def __init__(self, stream):
        self.text = b""
        self.thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self.thread.start()

    def _read(self, stream):
        for line in stream:
            self.text = (self.text + line)[-20_000:]

    def getvalue(self):
        self.thread.join(5)
        return self.text.decode(errors="replace")
