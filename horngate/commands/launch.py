"""`python -m horngate launch`: run a program in several processes, and end them together."""

import argparse
import contextlib
import importlib.machinery
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from horngate.backend import processes as joined
from horngate.backend.interrupts import TRY_AGAIN
from horngate.backend.watchdog import EARLY, LIMIT, STUCK, WITH_OTHERS

_LOOK = 0.05  # seconds between two looks at the processes
_TELLING = 0.3  # seconds that stuck processes get to show where they are
_CULPRIT = 1.0  # seconds in which a process that ended because of another waits for that one to be found
_SAVING = 5.0  # seconds between the first process that has saved its state and the last
# Lines of JAX about each connection, and about its end, of which the launcher tells in its own words.
_NOISE = re.compile(
    rb".* peer ranks\. Expected number of |[EFWI]\d{4} [\d:.]+ +\d+ (coordination_\w+\.cc|client\.h|preemption\w*\.cc):"
)
_MORE_NOISE = re.compile(  # lines that follow them
    rb"Additional GRPC error|:?[A-Z]+:(Error|Stream) |=== Source Location Trace|external/\S+\.cc:\d+\s*$|"
    rb"\*\*\* Check failure|\s+@ +0x|\s*$"
)


def main(arguments: Sequence[str]) -> int:
    """Run a program as the command line `arguments` say; returns an exit code."""
    options, program = _parsed(arguments)
    missing = _missing(program)
    if missing:
        _say(missing)
        return 2
    for left in range(options.restarts, -1, -1):
        processes = _Processes(options, program)
        code = processes.run()
        if code == 0 or processes.told_to_end or not left:
            return code
        _say(f"starting all again ({options.restarts - left + 1} of {options.restarts}).")
    return code


def _parsed(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m horngate launch",
        usage="python -m horngate launch -n N [options] SCRIPT.py|-m MODULE [arguments of the program]",
        description="Run a program in several processes, whose devices make one mesh.",
        epilog="Programs written for Keras: launch -n 4 -m horngate SCRIPT.py",
    )
    number = _counted(1)
    parser.add_argument("-n", type=number, required=True, help="processes on this machine")
    parser.add_argument("--devices", type=number, default=1, help="GPUs, or simulated CPU devices, of each process")
    parser.add_argument("--restarts", type=_counted(0), default=0, help="how often to start again after an error")
    parser.add_argument("--hosts", type=number, default=1, help="machines; run this command on each")
    parser.add_argument("--coordinator", help="HOST:PORT of process 0, for several machines")
    parser.add_argument("--process-id", type=_counted(0), default=0, help="number of the first process on this machine")
    parser.add_argument("--watchdog", type=_counted(0), help="seconds after which a wait means that one is stuck")
    known, program = _split(arguments)
    options = parser.parse_args(known)
    if os.name != "posix":
        parser.error("processes are started and ended with signals, which this system has not")
    if not program:
        parser.error("name the program to run, such as train.py")
    if options.hosts > 1 and not options.coordinator:
        parser.error("several hosts need --coordinator HOST:PORT, the same on each")
    if options.process_id + options.n > options.n * options.hosts:
        parser.error(f"--process-id {options.process_id} leaves too few of {options.n * options.hosts} processes")
    return options, program


def _missing(program):
    """Return a sentence about the program if there is none; None if there is."""
    if program[0] != "-m":
        return None if os.path.exists(program[0]) else f"there is no program {program[0]!r} in {os.getcwd()}."
    if len(program) == 1:
        return "name the module to run after -m."
    package = program[1].partition(".")[0]  # to look for what is in it would import it
    found = importlib.machinery.PathFinder.find_spec(package, [os.getcwd(), *sys.path])
    return None if found else f"there is no module {package!r} in {os.getcwd()}, nor is it installed."


def _split(arguments):
    """Return (the launcher's arguments, those from the program on)."""
    known, rest = [], list(arguments)
    while rest and rest[0].startswith("-") and rest[0] != "-m":
        takes_value = "=" not in rest[0] and rest[0] not in ("-h", "--help")
        known += rest[: 1 + takes_value]
        rest = rest[1 + takes_value :]
    return known, rest


def _counted(least):
    def number(text):
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"a whole number from {least} on is needed; received {text!r}")
        return int(text)

    return number


def _say(text: str) -> None:
    print(f"horngate: {text}", file=sys.stderr, flush=True)


class _Processes:
    """The processes of one run, and the threads that pass on what they print."""

    told_to_end: bool = False  # by a signal
    _stuck: bool = False  # whether a process has waited too long

    def __init__(self, options: Any, program: list[str]) -> None:
        self._first, self._all = options.process_id, options.n * options.hosts
        coordinator = options.coordinator or f"127.0.0.1:{_free_port()}"
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._readers: list[threading.Thread] = []
        for place in range(options.n):
            environment = _environment(options, coordinator, place)
            command = [sys.executable, "-m", "horngate.commands.process", *program]
            started = subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
            self._running[self._first + place] = started
            for source, target in ((started.stdout, sys.stdout), (started.stderr, sys.stderr)):
                reader = threading.Thread(target=_pass_on, args=(self._first + place, source, target), daemon=True)
                reader.start()
                self._readers.append(reader)
        self._ended: dict[int, int] = {}  # number -> exit code

    def run(self) -> int:
        """Wait until all have ended, or one has failed, and end the others then. Returns an exit code."""
        with self._signals_passed_on():
            code = self._watched()
        for reader in self._readers:
            reader.join(1)
        return code

    def _watched(self):
        while self._running:
            self._look()
            if self._stuck:
                return self._end_stuck()
            failed = {number: code for number, code in self._ended.items() if code}
            if failed:
                return self._end_others(failed)
            time.sleep(_LOOK)
        return 0

    def _look(self):
        for number, process in list(self._running.items()):
            if process.poll() is not None:
                self._ended[number] = process.returncode
                del self._running[number]

    def _end_others(self, failed):
        patience = _SAVING if TRY_AGAIN in failed.values() or self.told_to_end else _CULPRIT
        deadline = time.monotonic() + patience
        while self._running and time.monotonic() < deadline and self._culprit() is None:
            time.sleep(_LOOK)
            self._look()
        culprit = self._culprit()
        number = next(iter(failed)) if culprit is None else culprit
        code = self._ended[number]
        self._kill()
        early = self._early()
        if early is not None:
            _say(f"process {early} of {self._all} ended (exit code 0) while the others still train; all were ended.")
            return EARLY
        if code == TRY_AGAIN:
            _say("the processes have saved their state; run the program again to go on.")
        elif self.told_to_end and code == -signal.SIGTERM:
            _say("the launcher was told to end by SIGTERM, and all processes were ended.")
        else:
            _say(f"process {number} of {self._all} {_ending(code)}, and the others were ended.")
        return code if code >= 0 else 128 - code

    def _early(self):
        """Return the process that ended without an error before the others; None if that is not why these failed."""
        failed = {number: code for number, code in self._ended.items() if code}
        told = [number for number, code in failed.items() if code == EARLY]
        if told:
            return told[0]
        broken = all(code in (WITH_OTHERS, -signal.SIGABRT) for code in failed.values())  # the connection to another
        return next((number for number, code in self._ended.items() if code == 0 and broken), None)

    def _end_stuck(self):
        if hasattr(signal, "SIGUSR1"):
            self._signal(signal.SIGUSR1)  # they show where they are
            time.sleep(_TELLING)
        self._kill()
        _say("a process has waited too long for another one, and all were ended.")
        return STUCK

    def _kill(self):
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()

    def _culprit(self):
        """Return the process that ended by itself; None if none has, or if others still save their state."""
        found = [number for number, code in self._ended.items() if code not in (0, WITH_OTHERS)]
        saved = found and all(self._ended[number] == TRY_AGAIN for number in found)
        return None if not found or saved and self._running else found[0]

    def _signal(self, number):
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    @contextlib.contextmanager
    def _signals_passed_on(self):
        def pass_on(number: int, frame: Any) -> None:
            self.told_to_end = True
            self._signal(number)

        def note(number: int, frame: Any) -> None:
            self._stuck = True

        handlers = {signal.SIGTERM: pass_on, signal.SIGINT: pass_on}
        if hasattr(signal, "SIGUSR1"):  # from a process that has waited too long
            handlers[signal.SIGUSR1] = note
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _environment(options, coordinator, place):
    """Return the environment of the process `place` of this machine."""
    environment = {
        "HORNGATE_MESH": "data",  # unless the program or its environment chooses another
        **os.environ,
        joined.COORDINATOR: coordinator,
        joined.COUNT: str(options.n * options.hosts),
        joined.INDEX: str(options.process_id + place),
        joined.LAUNCHED: str(os.getpid()),
        "JAX_LOCAL_DEVICE_IDS": ",".join(str(place * options.devices + i) for i in range(options.devices)),
        "PYTHONUNBUFFERED": "1",
    }
    simulated = f"--xla_force_host_platform_device_count={options.devices}"
    environment["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {simulated}".strip()
    if options.watchdog is not None:
        environment[LIMIT] = str(options.watchdog)
    return environment


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _pass_on(number, source, target):
    """Copy the lines that a process prints, with its number before each."""
    noise = False
    for line in source:
        noise = bool(_NOISE.match(line) or noise and _MORE_NOISE.match(line))
        if not noise:
            target.write(f"[{number}] {line.decode(errors='replace').rstrip()}\n")
            target.flush()


def _ending(code):
    if code >= 0:
        return f"ended with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"
