"""Layers from and in plain data: the summary table, layers from their configuration, kernels of another convention."""
from horngate.engine.container import make_layer
from horngate.utils.np_utils import convert_kernel


def layer_from_config(config, custom_objects=None):
    """A layer from `{"class_name": ..., "config": ...}`."""
    return make_layer(config, custom_objects)


def print_summary(layers, relevant_nodes=None, line_length=100, positions=None):
    """Print a table of layers: name and class, output shape, number of weights, and what each is connected to.

    # Arguments
        layers: list of layers.
        relevant_nodes: the calls to show connections of; None for all.
        line_length: characters of a line.
        positions: where each column ends, as parts of the line.
    """
    ends = [int(line_length * part) if part <= 1 else int(part) for part in positions or (0.33, 0.55, 0.67, 1.0)]

    def row(fields):
        line = ""
        for field, end in zip(fields, ends):
            line = (line + str(field))[: end - 1].ljust(end)
        print(line.rstrip())

    print("_" * line_length)
    row(["Layer (type)", "Output Shape", "Param #", "Connected to"])
    print("=" * line_length)
    for i, layer in enumerate(layers):
        connections = _connections(layer, relevant_nodes)
        row([f"{layer.name} ({type(layer).__name__})", _output_shape(layer), _count(layer), (connections or [""])[0]])
        for connection in connections[1:]:
            row(["", "", "", connection])
        print(("=" if i == len(layers) - 1 else "_") * line_length)
    trainable, fixed = count_total_params(layers)
    print(f"Total params: {trainable + fixed:,}\nTrainable params: {trainable:,}\nNon-trainable params: {fixed:,}")
    print("_" * line_length)


def _output_shape(layer):
    try:
        return layer.output_shape
    except AttributeError:
        return "multiple" if layer.inbound_nodes else "not called yet"


def _count(layer):
    return layer.count_params() if layer.built else "not built"


def _connections(layer, relevant_nodes):
    nodes = [node for node in layer.inbound_nodes if relevant_nodes is None or node in relevant_nodes]
    return [f"{source.name}[{node_index}][{tensor_index}]" for node in nodes for source, node_index, tensor_index
            in zip(node.inbound_layers, node.node_indices, node.tensor_indices) if source is not None]


def count_total_params(layers, layer_set=None):
    """How many numbers in the weights of `layers` are trained, and how many are not; shared ones count once."""
    def total(kind):
        weights = dict.fromkeys(weight for layer in layers if layer_set is None or layer in layer_set
                                for weight in getattr(layer, kind))
        return sum(int(weight.get_value().size) for weight in weights)

    return total("trainable_weights"), total("non_trainable_weights")


def convert_all_kernels_in_model(model):
    """Turn the convolution kernels of a model from Theano's convention to TensorFlow's, or back: flip their windows."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            convert_all_kernels_in_model(layer)
        elif "Convolution" in "".join(cls.__name__ for cls in type(layer).__mro__):
            for weight in layer.trainable_weights:
                if len(weight.shape) >= 3:
                    weight.set_value(convert_kernel(weight.get_value(), getattr(layer, "dim_ordering", None)))
