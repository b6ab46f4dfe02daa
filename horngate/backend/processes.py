"""Processes that run one program together: how they start, agree, and end together. Not used with one process.

All processes run the same script, and each dispatches the same programs in the same order; so whatever depends on the
clock, the files or the random numbers of one process has to be agreed upon before a program depends on it.
"""

import atexit
import contextlib
import functools
import inspect
import os
import pickle
import random
import sys
import time
import zlib
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from horngate.backend import watchdog
from horngate.backend.locks import backends_are_initialized
from horngate.backend.watchdog import WITH_OTHERS

COORDINATOR, COUNT, INDEX = "HORNGATE_COORDINATOR", "HORNGATE_PROCESSES", "HORNGATE_PROCESS_ID"  # set by the launcher
LAUNCHED = "HORNGATE_LAUNCHED"  # set by the launcher: it says how a process ended, so that the others need not
_HEARTBEAT = 30  # seconds without a sign of life after which a process counts as dead
_JOIN = 120  # seconds in which all processes must have started
_NAME, _WIDTH = 6, 6  # 32-bit numbers in a row that hold the name of a call, and those that follow it at least
_LAST = 20  # seconds that a process at its end looks whether another one waits for it in training
_LOOK = 0.05  # seconds between two looks
_AT_PEERS = ("gloo", "connection", "peer", "coordination service", "heartbeat", "unavailable", "socket", "nccl")


class _Joined:
    """Whether this process has looked for others."""

    looked = False


def start(place: tuple[str, int, int] | None = None) -> None:
    """Join the processes that the launcher, or a cluster that JAX detects, has started; with one process, do nothing.

    `place`: (address of process 0, number of processes, number of this one), if the program tells. The random states
    become those of process 0, so that a script without a seed makes the same weights in each.
    """
    if _Joined.looked:
        return
    _Joined.looked = True
    if place is None and COORDINATOR in os.environ:
        place = os.environ[COORDINATOR], int(os.environ[COUNT]), int(os.environ[INDEX])
    if place is not None:
        _initialize(*place)
    elif not backends_are_initialized() and not jax.distributed.is_initialized():
        try:
            _initialize()
        except ValueError:  # there is no cluster
            return
    if jax.process_count() > 1:
        _end_together()
        agree_on_random_states()


def _initialize(*place):
    if jax.distributed.is_initialized():  # by the program
        return
    if backends_are_initialized():
        raise RuntimeError(
            "this program had computed before its processes could join. Call horngate.distribute() at its top, before "
            "anything is computed with JAX."
        )
    if "JAX_ENABLE_PREEMPTION_SERVICE" not in os.environ:  # it would swallow SIGTERM
        jax.config.update("jax_enable_preemption_service", False)
    jax.distributed.initialize(*place, initialization_timeout=_JOIN, heartbeat_timeout_seconds=_HEARTBEAT)


# what all agree upon


@functools.cache
def _of_processes() -> tuple[NamedSharding, Callable[[Any], Any]]:
    """Return (the sharding of an array with a row for each process, the program that gives it whole to each)."""
    first = {device.process_index: device for device in reversed(jax.devices())}
    mesh = Mesh(np.array([first[i] for i in range(jax.process_count())], dtype=object), ("process",))
    return NamedSharding(mesh, PartitionSpec("process")), jax.jit(
        lambda rows: rows, out_shardings=NamedSharding(mesh, PartitionSpec())
    )


def gathered(numbers: np.ndarray) -> np.ndarray:
    """Return the numbers of all processes, a row for each; each gives a list of the same length, of 32-bit numbers.

    Raises RuntimeError if the processes are in different calls of horngate. Rows of all lengths have one width, as
    different widths would break the connection before that is seen.
    """
    rows, whole = _of_processes()
    padded = np.zeros(_NAME + max(_WIDTH, numbers.size), np.uint32)
    call = _call().encode()[: 4 * _NAME].ljust(4 * _NAME, b"\0")
    padded[:_NAME], padded[_NAME : _NAME + numbers.size] = np.frombuffer(call, np.uint32), numbers.view(np.uint32)
    own = jax.make_array_from_callback((jax.process_count(), padded.size), rows, lambda _: padded[None])
    with watchdog.waiting():
        found = np.asarray(whole(own))
    _refuse_other_calls(found[:, :_NAME])
    return np.ascontiguousarray(found[:, _NAME : _NAME + numbers.size]).view(numbers.dtype)


def _call() -> str:
    """Name the function of horngate that the program has called."""
    name = ""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("horngate", "contextlib"):
        if not frame.f_code.co_flags & inspect.CO_NESTED:  # no function around another, which has its name
            name = frame.f_code.co_name
        frame = frame.f_back
    return name


def _refuse_other_calls(names: np.ndarray) -> None:
    others = [i for i, row in enumerate(names) if (row != names[0]).any()]
    if others:
        first, other = (names[i].tobytes().rstrip(b"\0").decode(errors="replace") for i in (0, others[0]))
        raise RuntimeError(
            f"the processes ran different calls: {first} in process 0, {other} in process {others[0]}. All must make "
            "the same calls of horngate, in the same order."
        )


def agreed(value: Any) -> Any:
    """Return the value of process 0, which can be pickled; a value that all share is not sent."""
    text = pickle.dumps(value)
    digests = gathered(np.array([len(text), zlib.crc32(text)], np.uint32))
    if (digests == digests[0]).all():
        return value
    from jax.experimental.multihost_utils import broadcast_one_to_all  # seldom needed

    size, own = int(digests[0, 0]), np.frombuffer(text, np.uint8)
    with watchdog.waiting():
        return pickle.loads(np.asarray(broadcast_one_to_all(np.resize(own, size))).astype(np.uint8).tobytes())


def differing(numbers: Any) -> int | None:
    """Return the first process whose numbers are not those of process 0; None if all agree."""
    rows = gathered(np.asarray(numbers, np.uint32))
    others = [i for i, row in enumerate(rows) if (row != rows[0]).any()]
    return others[0] if others else None


def longest(seconds: float) -> float:
    """Return the longest of the times that the processes measured."""
    return float(gathered(np.array([seconds], np.float32)).max())


def any_of(*flags: bool) -> list[bool]:
    """Return for each flag whether it is true in any process."""
    rows = gathered(np.array(flags, np.uint32)).tolist()
    return [any(column) for column in zip(*rows)]


def agree_on_random_states() -> None:
    """Give NumPy's and Python's global generators the states of process 0."""
    states = agreed((np.random.get_state(), random.getstate()))
    np.random.set_state(states[0])
    random.setstate(states[1])


def on_first(write: Callable[[], None]) -> None:
    """Call `write` in process 0, and wait for it in all. Raises RuntimeError in the others if it raised there."""
    failure: BaseException | None = None
    if jax.process_index() == 0:
        try:
            write()
        except Exception as error:
            failure = error
    failed = any_of(failure is not None)[0]
    if failure is not None:
        raise failure
    if failed:
        raise RuntimeError("process 0 could not write; it says why.")


# their end


def index() -> int:
    """Return the number of this process."""
    return jax.process_index()


def told() -> str:
    """Name this process, in sentences for the user."""
    return f"process {jax.process_index()} of {jax.process_count()}"


def _end_together() -> None:
    """Make this process end at once after an error: it would wait for the others, and they for it."""
    board = _Board.of_processes()
    watchdog.start(told(), int(os.environ.get(LAUNCHED, 0)), board)
    if board is not None:
        atexit.register(_last_call, board)  # JAX waits for the others only after this
    before = sys.excepthook

    def ended(kind: Any, error: Any, trace: Any) -> NoReturn:
        if of_another_process(error):
            if LAUNCHED not in os.environ:
                print(f"{told()}: another process has ended, and this one ends too. {ADVICE}", file=sys.stderr)
        else:
            before(kind, error, trace)
            if LAUNCHED not in os.environ:
                print(f"{told()} ended: {kind.__name__}. The others end too.", file=sys.stderr)
            leave(130 if issubclass(kind, KeyboardInterrupt) else 1)
        leave(WITH_OTHERS)

    sys.excepthook = ended


def _last_call(board: "_Board") -> None:
    """Tell the others that this program has come to its end, and end here if one of them waits for it in training."""
    with contextlib.suppress(Exception):  # the connection broke: JAX, which ends after this, says so
        jax.block_until_ready(jax.live_arrays())
        board.write("ended")
        until = time.monotonic() + _LAST
        while board.count("ended") < jax.process_count() and time.monotonic() < until:
            if board.count("waiting"):
                if LAUNCHED not in os.environ:
                    print(f"{told()} ended while the others still train, and all end.", file=sys.stderr)
                leave(watchdog.EARLY)
            time.sleep(_LOOK)


class _Board:
    """Where processes write what all can read, without computing together."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def of_processes(cls) -> "_Board | None":
        """Return the board of these processes; None if this JAX has none."""
        try:
            from jax._src.distributed import global_state
        except ImportError:
            return None
        return cls(global_state.client) if hasattr(global_state.client, "key_value_dir_get") else None

    def write(self, what: str) -> None:
        """Write for all that this process is `what`."""
        self._client.key_value_set(f"horngate/{what}/{jax.process_index()}", "1", allow_overwrite=True)

    def count(self, what: str) -> int:
        """Return how many processes have written `what`."""
        return len(self._client.key_value_dir_get(f"horngate/{what}/"))


ADVICE = "With BackupAndResume, run the program again to go on where it was saved last."


def of_another_process(error: BaseException) -> bool:
    """Return whether an error of JAX says that the connection to another process broke."""
    text = str(error).lower()
    if not isinstance(error, jax.errors.JaxRuntimeError):
        return isinstance(error, ValueError) and "gloo" in text  # JAX makes such an error of it
    return any(word in text for word in _AT_PEERS)


def leave(code: int) -> NoReturn:
    """End this process at once, without waiting for the others as Python's ending would."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
