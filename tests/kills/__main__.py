"""Kills trainings at moments that a seed chooses, runs them to their end and compares them with undisturbed ones."""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

import h5py  # noqa: F401  what a child would import first; none of it starts a thread or touches a device
import tensorboardX  # noqa: F401

import horngate.callbacks
import horngate.models  # noqa: F401
from tests.kills.child import run
from tests.kills.trainings import KINDS

WAYS = ("save", "tail", "save", "tail", "time", "chunk")  # in turn: so each way has its share
LONGEST = 4  # kills in one chain


def forked(*args):
    """Start `run` in a process of its own."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        run(*args)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def finished(process, until=None):
    """The exit status; killed at the time `until`."""
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return status
        if until is not None and time.monotonic() > until:
            os.kill(process, signal.SIGKILL)
            return os.waitpid(process, 0)[1]
        time.sleep(0.005)


def outcome(folder):
    """What a training that came to its end left."""
    with open(os.path.join(folder, "result.json")) as file:
        return json.load(file)


class Kind:
    """One kind of training: how it comes out undisturbed, and the chains of kills that it has survived or not."""

    def __init__(self, name, place, draw):
        self.name, self.place, self.draw = name, os.path.join(place, name), draw
        self.cache = os.path.join(place, "cache")
        self.chains = self.chains_equal = 0
        self.seconds = None  # of an undisturbed training, without the compilation
        self.whole, self.moments = self._undisturbed()

    def _undisturbed(self):
        whole = os.path.join(self.place, "whole")
        shutil.rmtree(whole, ignore_errors=True)
        began = time.monotonic()
        if finished(forked(whole, self.name, self.cache)):
            raise SystemExit(f"{self.name}: undisturbed, it fails:\n{open(os.path.join(whole, 'output')).read()}")
        self.took = time.monotonic() - began
        return outcome(whole)["result"], outcome(whole)["moments"]

    def _time(self):
        """A moment in a training, in seconds from its beginning."""
        if self.seconds is None:
            self._undisturbed()
            self.seconds = self.took
        return self.seconds * self.draw.uniform(0.3, 0.95)

    def chain(self, ways):
        """Kill one training in these ways, one after the other; what each kill met, and what differs at the end."""
        self.chains += 1
        folder, met = os.path.join(self.place, str(self.chains)), []
        for i, way in enumerate(ways):
            left = 1 - i / (len(ways) + 1)  # later runs are shorter
            every_batch = self.draw.random() < 0.5
            if way == "time":
                until = self._time() * left + time.monotonic()
                status = finished(forked(folder, self.name, self.cache, None, 0, every_batch), until)
            else:
                number = self.draw.randint(1, max(1, int(self.moments[way] * left / len(ways))))
                status = finished(forked(folder, self.name, self.cache, way, number, every_batch))
            if not os.WIFSIGNALED(status):
                break
            met.append(self._about(folder))
        for again in range(1 + (self.chains <= 2)):  # a training that has ended is not trained again
            if status or again:
                with_error = finished(forked(folder, self.name, self.cache))
                if with_error:
                    return met, ["it fails: " + _last_line(os.path.join(folder, "output"))]
            status = 1
            wrong = differences(self.whole, outcome(folder)["result"])
            if wrong:
                return met, [f"{item} (run again after its end)" for item in wrong] if again else wrong
        self.chains_equal += 1
        shutil.rmtree(folder)
        return met, []

    def _about(self, folder):
        try:
            with open(os.path.join(folder, "now")) as file:
                return file.read().strip() or "start"
        except FileNotFoundError:
            return "start"


def _last_line(path):
    with open(path) as file:
        return (file.read().strip().splitlines() or [""])[-1]


def differences(whole, other):
    """The names of what is not the same."""
    return sorted(name for name in whole.keys() | other.keys() if whole.get(name) != other.get(name))


def main():
    """Kill as often as asked; the exit status says whether all came out equal."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many kills in all")
    parser.add_argument("--seed", type=int, default=0, help="chooses the moments")
    parser.add_argument("--kinds", default=",".join(KINDS), help="kinds of training, with commas between")
    options = parser.parse_args()
    draw, began, met, unequal, turn = random.Random(options.seed), time.monotonic(), [], 0, 0
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        kinds = [Kind(name, place, draw) for name in options.kinds.split(",")]
        while len(met) < options.kills:
            kind = kinds[turn % len(kinds)]
            length = min(1 + turn // len(kinds) % LONGEST, options.kills - len(met))
            kills, wrong = kind.chain([WAYS[(len(met) + i) % len(WAYS)] for i in range(length)])
            turn, unequal = turn + 1, unequal + bool(wrong)
            met += kills
            print(f"{kind.name:16} killed in {', '.join(kills) or '-':28} {'; '.join(wrong) or 'equal'}", flush=True)
    shares = ", ".join(f"{met.count(what)} in {what}" for what in sorted(set(met)))
    chains = sum(kind.chains for kind in kinds)
    print(
        f"{len(met)} kills ({shares}) in {chains} trainings: {chains - unequal} equal, {unequal} not; "
        f"{time.monotonic() - began:.0f} s"
    )
    return unequal > 0


if __name__ == "__main__":
    sys.exit(main())
