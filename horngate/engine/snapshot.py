"""Snapshot: all that a training needs to go on as if it had never been interrupted, and back to it."""
import json

import numpy as np

from horngate.engine.progress import Progress

_PLAIN = (str, int, float, bool, type(None))


class Snapshot:
    """The state of a training: values of variables, random keys and states, the place in the epoch, callbacks.

    `arrays` is a dictionary of NumPy arrays, `facts` one of plain data. Of a callback the attributes that are plain
    numbers, texts, lists and dictionaries are kept.
    """

    def __init__(self, arrays, facts):
        self.arrays, self.facts = arrays, facts

    @classmethod
    def of(cls, training, callbacks=()):
        """The state of now."""
        function, progress = training.loop.function, training.progress
        now, drawn = np.random.get_state(), progress.order_state
        arrays = {f"variable_{i}": variable.get_value() for i, variable in enumerate(function.variables)}
        arrays.update({f"root_{i}": f.root for i, f in enumerate(training.functions()) if f.root is not None})
        arrays["random_words"] = now[1]
        if progress.step:
            arrays["order_words"], arrays["rows"] = drawn[1], np.concatenate(progress.rows)
        facts = {
            "variables": [[variable.name, list(variable.shape)] for variable in function.variables],
            "calls": [f.calls for f in training.functions()],
            "epoch": progress.epoch, "step": progress.step, "samples": progress.samples,
            "random": now[2:], "order": drawn[2:] if progress.step else None,
            "callbacks": [_plain_attributes(callback) for callback in callbacks],
        }
        return cls(arrays, facts)

    def progress(self, restore):
        """The place in the epoch; `restore` is called when training arrives there."""
        facts = self.facts
        place = Progress(facts["epoch"], facts["step"], facts["samples"], restore=restore)
        if place.step:
            place.rows = [self.arrays["rows"]]
            place.order_state = _random_state(self.arrays["order_words"], facts["order"])
            place.random_state = _random_state(self.arrays["random_words"], facts["random"])
        else:
            place.order_state = _random_state(self.arrays["random_words"], facts["random"])
        return place

    def restore(self, training, callbacks=()):
        """Give variables, random keys and callbacks the values that they had."""
        function, values = training.loop.function, []
        for i, (name, shape) in enumerate(self.facts["variables"]):
            values.append(self.arrays[f"variable_{i}"])
            if i < len(function.variables) and list(function.variables[i].shape) != shape:
                variable = function.variables[i]
                raise ValueError(
                    f"the state that was kept is that of another model: {name!r} of shape {tuple(shape)} stands where "
                    f"this one has {variable.name!r} of shape {variable.shape}."
                )
        for variable, value in zip(function.variables, values):
            variable.set_value(value)
        function.awaited = values[len(function.variables) :]
        for i, (each, calls) in enumerate(zip(training.functions(), self.facts["calls"])):
            each.calls, each.root = calls, self.arrays.get(f"root_{i}")
        for callback, attributes in zip(callbacks, self.facts["callbacks"]):
            for name, value in attributes.items():
                _set(callback, name, value)

    def write(self, file):
        """Write into an open file, as an archive of arrays."""
        np.savez(file, facts=json.dumps(self.facts), **self.arrays)

    @classmethod
    def read(cls, path):
        """A snapshot from what `write` wrote."""
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return cls(arrays, json.loads(str(arrays.pop("facts"))))


def _random_state(words, rest):
    return ("MT19937", words, *rest)


def _plain_attributes(callback):
    kept = {name: _plain(value) for name, value in vars(callback).items() if name != "params"}
    return {name: value for name, value in kept.items() if value is not _NOT_PLAIN}


def _set(callback, name, value):
    """Give an attribute its value; a dictionary of a kind of its own stays of that kind."""
    old = getattr(callback, name, None)
    if isinstance(old, dict) and type(old) is not dict:
        old.clear()
        old.update(value)
    else:
        vars(callback)[name] = value


_NOT_PLAIN = object()


def _plain(value):
    """`value` as plain data, or _NOT_PLAIN."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, _PLAIN):
        return value
    if type(value) is list:
        items = [_plain(item) for item in value]
        return _NOT_PLAIN if _NOT_PLAIN in items else items
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        items = {key: _plain(item) for key, item in value.items()}
        return _NOT_PLAIN if _NOT_PLAIN in items.values() else items
    return _NOT_PLAIN
