"""One run of a training in a process of its own, which ends itself at a chosen moment, as `kill -9` would."""

import contextlib
import io
import json
import os
import signal
import sys


class Moments:
    """Counts what happens; at the `number`-th moment of kind `of`, the process kills itself.

    Kinds: `save`: within the writing of a state or a model; `tail`: between an epoch's last chunk and its end; `chunk`.
    What the process is about stands in the file `now`, for those who kill it from outside.
    """

    def __init__(self, of=None, number=0):
        self.of, self.left, self.seen = of, number, dict.fromkeys(("save", "tail", "chunk"), 0)
        self._now = os.open("now", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self._tail = False

    def at(self, kind):
        """Note a moment; it may be the last."""
        if kind != "save" or not self._tail:
            self.about(kind)
        self.seen[kind] += 1
        self.left -= kind == self.of
        if kind == self.of and self.left == 0:
            self.about(kind)
            os.kill(os.getpid(), signal.SIGKILL)

    def about(self, what):
        """Write down what goes on."""
        os.pwrite(self._now, what.ljust(5).encode(), 0)


def watched(moments):
    """Have `moments` told of all saves, and of the beginning and end of each validation."""
    from horngate.training import trainer
    from horngate.training.snapshot import Snapshot

    fsync, replace, write, measure = os.fsync, os.replace, Snapshot.write, trainer.measure

    def around(function, kind):
        def call(*args, **kwargs):
            moments.at(kind)
            result = function(*args, **kwargs)
            moments.at(kind)
            return result

        return call

    def in_halves(snapshot, file):
        whole = io.BytesIO()
        write(snapshot, whole)
        half = len(whole.getvalue()) // 2
        file.write(whole.getvalue()[:half])
        file.flush()
        moments.at("save")
        file.write(whole.getvalue()[half:])

    os.fsync, os.replace, Snapshot.write = around(fsync, "save"), around(replace, "save"), in_halves
    trainer.measure = around(measure, "tail")


def run(folder, kind, cache, of=None, number=0, every_batch=False):
    """Train in `folder`; the result is written there."""
    import jax

    from horngate.callbacks import Callback
    from tests.kills.trainings import train

    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    output = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    jax.config.update("jax_compilation_cache_dir", cache)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    moments = Moments(of, number)
    watched(moments)

    class Between(Callback):
        """Stands between two callbacks."""

        needs_every_batch = every_batch

        def on_batch_end(self, batch, logs=None):
            moments.at("chunk")

        def on_epoch_end(self, epoch, logs=None):
            moments.at("tail")

    result = train(kind, Between)
    with open("result.json.new", "w") as file:
        json.dump({"result": result, "moments": moments.seen}, file)
    with contextlib.suppress(FileNotFoundError):
        os.rename("result.json.new", "result.json")
    sys.stdout.flush()
