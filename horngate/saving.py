"""Files: weights and models in the HDF5 layout of Keras 1.2, written whole or not at all; YAML as plain data."""

import contextlib
import json
import os
import tempfile

import numpy as np

VERSION = "1.2.2"  # of the layout


@contextlib.contextmanager
def atomic(filepath):
    """The path of a temporary file that takes the place of `filepath` when all went well."""
    filepath = os.path.abspath(os.fspath(filepath))
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(filepath), prefix=".", suffix=".tmp")
    os.close(handle)
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, filepath)
    except BaseException:
        os.unlink(temporary)
        raise


def _may_write(filepath, overwrite):
    if overwrite or not os.path.exists(filepath):
        return True
    from horngate.utils.io_utils import ask_to_proceed_with_overwrite

    return ask_to_proceed_with_overwrite(filepath)


def save_weights(model, filepath, overwrite=True):
    """Write all weights of a model into an HDF5 file."""
    import h5py

    if _may_write(filepath, overwrite):
        with atomic(filepath) as path, h5py.File(path, "w") as file:
            write_weights(model, file)


def write_weights(model, group):
    """Write all weights of a model into an open HDF5 group."""
    layers = model.flattened_layers
    group.attrs["layer_names"] = _names([layer.name for layer in layers])
    group.attrs["keras_version"] = VERSION.encode()
    for layer in layers:
        inner = group.create_group(layer.name)
        names = _distinct([weight.name for weight in layer.weights])
        inner.attrs["weight_names"] = _names(names)
        for name, weight in zip(names, layer.weights):
            inner.create_dataset(name, data=weight.get_value())


def _names(names):
    return np.array([name.encode("utf8") for name in names])


def _distinct(names):
    return [name if names.index(name) == i else f"{name}_{i}" for i, name in enumerate(names)]


def load_weights(model, filepath, by_name=False):
    """Read the weights of a model from an HDF5 file."""
    import h5py

    with h5py.File(filepath, "r") as file:
        read_weights(
            model,
            file["model_weights"] if "layer_names" not in file.attrs and "model_weights" in file else file,
            by_name,
        )


def read_weights(model, group, by_name=False):
    """Read weights from an open HDF5 group: all of them in order, or those of layers found by their name."""
    stored = _stored_layers(group)
    layers = [layer for layer in model.flattened_layers if layer.weights]
    if by_name:
        known = dict(stored)
        pairs = [(layer, known[layer.name]) for layer in layers if layer.name in known]
    else:
        stored = [(name, arrays) for name, arrays in stored if arrays]
        if len(stored) != len(layers):
            raise ValueError(
                f"the file holds weights for {len(stored)} layers ({', '.join(n for n, _ in stored)}), the model has "
                f"{len(layers)} with some ({', '.join(layer.name for layer in layers)}). by_name=True takes what fits."
            )
        pairs = list(zip(layers, (arrays for _, arrays in stored)))
    from horngate.engine.layer import check_weights

    for layer, arrays in pairs:  # look at everything before anything changes
        check_weights(layer.name, layer.weights, arrays)
    for layer, arrays in pairs:
        for weight, array in zip(layer.weights, arrays):
            weight.set_value(array)


def _stored_layers(group):
    """(name, list of arrays) of each layer in an HDF5 group, of Keras 1.x or 0.3."""
    if "nb_layers" in group.attrs:
        found = []
        for i in range(int(group.attrs["nb_layers"])):
            inner = group[f"layer_{i}"]
            found.append((f"layer_{i}", [inner[f"param_{k}"][()] for k in range(int(inner.attrs["nb_params"]))]))
        return found
    if "layer_names" not in group.attrs:
        raise ValueError("this HDF5 file holds no Keras weights: it has neither layer_names nor nb_layers.")
    names = [_text(name) for name in group.attrs["layer_names"]]
    return [(name, [group[name][_text(w)][()] for w in group[name].attrs["weight_names"]]) for name in names]


def _text(name):
    return name.decode("utf8") if isinstance(name, bytes) else str(name)


def save_model(model, filepath, overwrite=True):
    """Write architecture, weights, compile arguments and optimizer state into one HDF5 file."""
    import h5py

    from horngate.engine.params import plain

    if not _may_write(filepath, overwrite):
        return
    with atomic(filepath) as path, h5py.File(path, "w") as file:
        file.attrs["keras_version"] = VERSION.encode()
        description = {"class_name": type(model).__name__, "config": model.get_config()}
        file.attrs["model_config"] = json.dumps(description, default=plain).encode("utf8")
        write_weights(model, file.create_group("model_weights"))
        if getattr(model, "objective", None) is not None:
            _write_training(model, file, plain)


def _write_training(model, file, plain):
    optimizer = model.optimizer
    training = {
        "optimizer_config": {"class_name": type(optimizer).__name__, "config": optimizer.get_config()},
        "loss": model.loss,
        "metrics": model.metrics,
        "sample_weight_mode": model.sample_weight_mode,
        "loss_weights": model.loss_weights,
    }
    file.attrs["training_config"] = json.dumps(training, default=plain).encode("utf8")
    if not optimizer.weights:
        return
    group = file.create_group("optimizer_weights")
    names = [f"param_{i}" for i in range(len(optimizer.weights))]
    group.attrs["weight_names"] = _names(names)
    for name, weight in zip(names, optimizer.weights):
        group.create_dataset(name, data=weight.get_value())
    extra = file.create_group("optimizer_extra")  # what Keras 1 left out, and exact resumption needs
    for variable in _extra_state(optimizer):
        extra.create_dataset(variable.name, data=variable.get_value())


def _extra_state(optimizer):
    return [
        variable for variable in getattr(optimizer, "state", []) if all(variable is not w for w in optimizer.weights)
    ]


def load_model(filepath, from_config, custom_objects=None):
    """A model from a file of `save_model`, compiled if it was; `from_config` makes it from its configuration."""
    import h5py

    with h5py.File(filepath, "r") as file:
        if "model_config" not in file.attrs:
            raise ValueError(
                f"{filepath!r} holds no model configuration: perhaps weights only. Build the model, then load_weights."
            )
        model = from_config(json.loads(_text(file.attrs["model_config"])))
        read_weights(model, file["model_weights"])
        if "training_config" in file.attrs:
            _read_training(model, file, custom_objects)
    return model


def _read_training(model, file, custom_objects):
    from horngate import optimizers
    from horngate.utils.generic_utils import CustomObjectScope

    training = json.loads(_text(file.attrs["training_config"]))
    with CustomObjectScope(custom_objects or {}):
        optimizer = optimizers.optimizer_from_config(training["optimizer_config"], custom_objects)
        model.compile(
            optimizer,
            training["loss"],
            metrics=training["metrics"],
            sample_weight_mode=training["sample_weight_mode"],
            loss_weights=training["loss_weights"],
        )
    if "optimizer_weights" not in file:
        return
    model._make_train_function()
    group = file["optimizer_weights"]
    model.optimizer.set_weights([group[_text(name)][()] for name in group.attrs["weight_names"]])
    for variable in _extra_state(model.optimizer) if "optimizer_extra" in file else ():
        if variable.name in file["optimizer_extra"]:
            variable.set_value(file["optimizer_extra"][variable.name][()])


def read_yaml(text):
    """YAML as plain data. The tags that Keras 1 wrote are understood; no other tag makes an object."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def scalar(loader, node):
        dtype, data = node.value
        code = loader.construct_mapping(dtype, deep=True)["args"][0]
        return np.frombuffer(loader.construct_yaml_binary(data), dtype=np.dtype(code))[0].item()

    prefix = "tag:yaml.org,2002:python/"
    Loader.add_constructor(prefix + "tuple", lambda loader, node: tuple(loader.construct_sequence(node, deep=True)))
    Loader.add_constructor(prefix + "unicode", lambda loader, node: loader.construct_scalar(node))
    Loader.add_constructor(prefix + "str", lambda loader, node: loader.construct_scalar(node))
    Loader.add_constructor(prefix + "object/apply:numpy.core.multiarray.scalar", scalar)
    return yaml.load(text, Loader=Loader)
