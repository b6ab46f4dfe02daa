"""Names that Keras 3 has and horngate has not, and what to use instead."""

_NETWORKS = "load its weights into a model of your own by `load_weights(names=...)`"

# module -> names, with what to use instead
_NAMES: dict[str, dict[str, str]] = {
    "": {
        "device": "set the device by `jax.default_device`",
        "export": "use the functions of `horngate.export`",
        "quantizers": "compute in 16 bits, `set_dtype_policy('mixed_bfloat16')`",
        "visualization": "draw with Matplotlib",
        "wrappers": "use `horngate.wrappers.scikit_learn.KerasClassifier` and `KerasRegressor`",
        "version": "read `horngate.__version__`",
        "name_scope": "give layers and variables a `name`",
        "RematScope": "wrap the `call` of a layer by `remat`",
        "StatelessScope": "use `layer.stateless_call`, or `horngate.pure`",
        "SymbolicScope": "use `layer.symbolic_call`",
    },
    "applications": {"MobileNetV3Large MobileNetV3Small": _NETWORKS},
    "config": {
        "max_epochs set_max_epochs": "give `fit` the argument `epochs`",
        "max_steps_per_epoch set_max_steps_per_epoch": "give `fit` the argument `steps_per_epoch`",
        "set_backend": "leave it out: the backend is always JAX",
        "is_nnx_enabled": "leave it out: layers hold their own variables",
    },
    "utils.bounding_boxes": {"affine_transform": "transform the corners of the boxes, from `convert_format`, by NumPy"},
    "dtype_policies": {
        "get deserialize serialize": "make a policy by its name, as in `DTypePolicy('mixed_bfloat16')`",
        "DTypePolicyMap": "give each layer its `dtype`",
    },
    "ops.image": {"elastic_transform": "use `ops.image.map_coordinates`"},
    "saving": {"KerasFileEditor": "read the file by h5py"},
    "utils": {"split_dataset": "give `fit` the argument `validation_split`", "Config": "use a dictionary"},
}


def instead(module: str, name: str) -> str | None:
    """Return what to use for `name`, which Keras 3 has in `module` and horngate has not; None for other names."""
    rows = _NAMES.get(module, {})
    return next((told for names, told in rows.items() if name in names.split()), None)
