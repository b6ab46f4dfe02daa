"""Graph: the model of Keras 0.3 with named inputs, nodes and outputs; its data are dictionaries."""

from collections.abc import Iterable
from typing import Any

from horngate import layers
from horngate.backend.config import EraDefault
from horngate.backend.orders import of_eras
from horngate.engine.container import make_layer
from horngate.engine.copying import WIRED
from horngate.engine.layer import Layer
from horngate.training.model import Model
from horngate.training.sources import source_of
from horngate.training.workers import advance

_DTYPES: dict[Any, Any] = {"float": None, "int": "int32", float: None, int: "int32"}


class Ends(list[Any]):
    """The tensors at the inputs or outputs of a Graph; by their names, as in Keras 0.3, their layers."""

    holds_symbols = True  # so that copies of a model have it with their own tensors

    def __getitem__(self, name: Any) -> Any:
        if not isinstance(name, str):
            return super().__getitem__(name)
        found = dict(self.items())
        if name not in found:
            raise KeyError(f"this Graph has none named {name!r} there, but {', '.join(found) or 'nothing'}.")
        return found[name]

    def __contains__(self, key: Any) -> bool:
        return key in self.keys() if isinstance(key, str) else super().__contains__(key)

    def keys(self) -> list[str]:
        """Return the names."""
        return [name for name, _ in self.items()]

    def values(self) -> list[Layer]:
        """Return the layers."""
        return [layer for _, layer in self.items()]

    def items(self) -> list[tuple[str, Layer]]:
        """Return pairs (name, layer)."""
        return [(x._keras_history[0].name, x._keras_history[0]) for x in self]


class Graph(Model):
    """A model whose inputs, nodes and outputs have names.

    >>> from horngate.layers import Dense
    >>> graph = Graph()
    >>> graph.add_input(name='words', input_shape=(32,))
    >>> graph.add_node(Dense(16), name='hidden', input='words')
    >>> graph.add_output(name='answer', input='hidden')
    >>> graph.output_names
    ['answer']
    """

    def __init__(self, name: str | None = None) -> None:
        Layer.__init__(self, name=name)
        self.inputs: Any = Ends()
        self.outputs: Any = Ends()
        self.nodes: dict[str, Any] = {}
        self._tensors: dict[str, Any] = {}

    def add_input(
        self, name: str, input_shape: Any = None, batch_input_shape: Any = None, dtype: Any = "float"
    ) -> None:
        """Add the input `name` for samples of `input_shape`; the data hold its array under this name."""
        self._check_new(name)
        x = layers.Input(input_shape, batch_shape=batch_input_shape, name=name, dtype=_DTYPES.get(dtype, dtype))
        self._tensors[name] = x
        self.inputs.append(x)
        self._rewire()

    def add_node(
        self,
        layer: Any,
        name: str,
        input: str | None = None,
        inputs: Iterable[str] = (),
        merge_mode: str | None = "concat",
        concat_axis: int = -1,
        dot_axes: Any = -1,
        create_output: bool = False,
    ) -> None:
        """Add the node `name`: call a layer on the node `input`, or on several `inputs` merged."""
        self._check_new(name)
        x = self._joined(input, inputs, merge_mode, concat_axis, dot_axes)
        layer.name = name
        self.nodes[name] = layer
        self._tensors[name] = layer(x)
        if create_output:
            self.outputs.append(self._tensors[name])
            self._rewire()

    def add_shared_node(
        self,
        layer: Any,
        name: str,
        inputs: Iterable[str] = (),
        merge_mode: str | None = None,
        concat_axis: int = -1,
        dot_axes: Any = -1,
        outputs: Iterable[str] = (),
        create_output: bool = False,
    ) -> None:
        """Call one layer on each of `inputs`. Adds the node `name` with the results merged, or the nodes `outputs`."""
        self._check_new(name)
        layer.name = name
        self.nodes[name] = layer
        found, names = [layer(self._tensor(each)) for each in inputs], list(outputs)
        if merge_mode is not None:
            merged = layers.merge(found, mode=merge_mode, concat_axis=concat_axis, dot_axes=dot_axes)
            found, names = [merged], [name]
        if len(names) != len(found):
            raise ValueError(
                f"add_shared_node {name!r}: give merge_mode, or in `outputs` a name for each of the {len(found)}."
            )
        self._tensors.update(zip(names, found))
        for each in names if create_output else ():
            self.add_output(each + "_output", input=each)

    def add_output(
        self,
        name: str,
        input: str | None = None,
        inputs: Iterable[str] = (),
        merge_mode: str | None = "concat",
        concat_axis: int = -1,
        dot_axes: Any = -1,
    ) -> None:
        """Add the output `name`: the node `input`, or several `inputs` merged; the data hold its targets by name."""
        x = self._joined(input, inputs, merge_mode, concat_axis, dot_axes)
        self.outputs.append(layers.Activation("linear", name=name)(x))
        self._rewire()

    def _check_new(self, name):
        if name in self._tensors:
            raise ValueError(f"this Graph has a node {name!r} already: each needs a name of its own.")

    def _tensor(self, name):
        if name not in self._tensors:
            raise ValueError(f"this Graph has no node {name!r}; it has {', '.join(self._tensors)}.")
        return self._tensors[name]

    def _joined(self, input, inputs, merge_mode, concat_axis, dot_axes):
        if input is not None:
            return self._tensor(input)
        found = [self._tensor(each) for each in inputs]
        if not found:
            raise ValueError("a node of a Graph needs `input`, the name of another, or `inputs`, several.")
        if merge_mode == "join" or len(found) == 1:
            return found if len(found) > 1 else found[0]
        return layers.merge(found, mode=merge_mode, concat_axis=concat_axis, dot_axes=dot_axes)

    def _rewire(self):
        """Mark the graph as changed; it is wired at the next access."""
        self.built: bool = bool(self.outputs)
        self.forget_programs()
        for name in (*WIRED, "layers"):
            vars(self).pop(name, None)

    _wire_again = _rewire

    def __getattr__(self, name: str) -> Any:
        """Wire the nodes at the first access to an attribute that wiring sets."""
        if name == "layers" and not vars(self).get("outputs"):
            return []
        if name not in (*WIRED, "layers") or not vars(self).get("outputs"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._wire(self.inputs, self.outputs)
        self.layers: list[Layer] = self.graph_layers
        return getattr(self, name)

    # The data are one dictionary of inputs and targets.

    def _inputs_in(self, data):
        return {name: data[name] for name in self.input_names}

    def _both_in(self, data):
        return self._inputs_in(data), {name: data[name] for name in self.output_names}

    @of_eras
    def compile(self, optimizer, loss, metrics=None, sample_weight_modes=None, loss_weights=None, **kwargs):
        """Set the optimizer, losses and metrics; `loss`: output name -> loss. See `Model.compile`."""
        modes = sample_weight_modes or None
        self.output_names  # noqa: B018  wires the graph
        super().compile(
            optimizer, loss, metrics=metrics, sample_weight_mode=modes, loss_weights=loss_weights or None, **kwargs
        )

    @of_eras
    def fit(
        self,
        data,
        batch_size=EraDefault("fit_batch_size"),
        nb_epoch=EraDefault("fit_nb_epoch"),
        verbose=1,
        callbacks=(),
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        **kwargs,
    ):
        """Train on `data`: name of an input or output -> array. See `Model.fit`."""
        if isinstance(validation_data, dict):
            validation_data = self._both_in(validation_data)
        more = validation_split, validation_data, shuffle, class_weight or None, sample_weight or None
        return super().fit(*self._both_in(data), batch_size, nb_epoch, verbose, list(callbacks), *more, **kwargs)

    @of_eras
    def evaluate(self, data, batch_size=128, verbose=0, sample_weight=None, **kwargs):
        """Return the loss on a dictionary of arrays. See `Model.evaluate`."""
        given = (*self._both_in(data), batch_size, verbose)
        told = super().evaluate(*given, sample_weight=sample_weight or None, **kwargs)
        alone = self._era.name == "0.3" and isinstance(told, list) and not kwargs  # the total loss, of all outputs
        return told[0] if alone else told

    def predict(self, data, batch_size=128, verbose=0):
        """Return output name -> array."""
        return self._named(super().predict(self._inputs_in(data), batch_size, verbose))

    def predict_on_batch(self, data):
        """Return output name -> array for one batch."""
        return self._named(super().predict_on_batch(self._inputs_in(data)))

    def _named(self, outputs):
        outputs = outputs if isinstance(outputs, list) else [outputs]
        return dict(zip(self.output_names, outputs))

    @of_eras
    def train_on_batch(self, data, class_weight=None, sample_weight=None, **kwargs):
        """Run one training step on a batch. See `Model.train_on_batch`."""
        weights = {"class_weight": class_weight or None, "sample_weight": sample_weight or None}
        return super().train_on_batch(*self._both_in(data), **weights, **kwargs)

    @of_eras
    def test_on_batch(self, data, sample_weight=None, **kwargs):
        """Return the loss on one batch. See `Model.test_on_batch`."""
        return super().test_on_batch(*self._both_in(data), sample_weight=sample_weight or None, **kwargs)

    @of_eras
    def fit_generator(
        self,
        generator,
        samples_per_epoch=None,
        nb_epoch=EraDefault("fit_nb_epoch"),
        verbose=1,
        callbacks=(),
        validation_data=None,
        nb_val_samples=None,
        class_weight=None,
        **kwargs,
    ):
        """Train on dictionaries that a generator yields. See `Model.fit_generator`."""
        if isinstance(validation_data, dict):
            validation_data = self._both_in(validation_data)
        elif validation_data is not None:
            validation_data = self._parted(validation_data)
        more = list(callbacks), validation_data, nb_val_samples, class_weight or None
        return super().fit_generator(self._parted(generator), samples_per_epoch, nb_epoch, verbose, *more, **kwargs)

    @of_eras
    def evaluate_generator(self, generator, val_samples=None, verbose=1, **kwargs):
        """Return the loss on dictionaries that a generator yields."""
        return super().evaluate_generator(self._parted(generator), val_samples, verbose=verbose, **kwargs)

    def _parted(self, generator):
        """Yield (inputs, targets, weights) from a generator of data, or of pairs (data, weights), as dictionaries."""
        batches = source_of(generator).a_pass()
        while True:
            try:
                item = advance(batches)
            except StopIteration:
                return
            data, weights = item if isinstance(item, tuple) else (item, None)
            batch = self._both_in(data)
            yield batch if weights is None else (*batch, weights)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "Graph":
        """Make a Graph from `config`, as returned by `get_config` here or in Keras 0.3."""
        graph = cls()
        if "node_config" in config:
            return _replayed(graph, config, custom_objects)
        model = Model.from_config(config, custom_objects)
        graph.inputs, graph.outputs, graph.trainable = Ends(model.inputs), Ends(model.outputs), model.trainable
        graph._tensors = {layer.name: layer.output for layer in model.layers if len(layer.inbound_nodes) == 1}
        graph.nodes = {layer.name: layer for layer in model.layers if layer not in model.input_layers}
        graph._rewire()
        return graph


def _replayed(graph, config, custom_objects):
    """Repeat the calls that made a Graph of Keras 0.3."""
    for described in config["input_config"]:
        graph.add_input(**{key: described[key] for key in ("name", "input_shape", "dtype") if key in described})
    for described in config["node_config"]:
        described = dict(described)
        add = graph.add_shared_node if "outputs" in described else graph.add_node
        described.pop("create_output", None)  # the output is listed separately
        add(make_layer(config["nodes"][described["name"]], custom_objects), **described)
    for described in config["output_config"]:
        graph.add_output(**described)
    return graph
