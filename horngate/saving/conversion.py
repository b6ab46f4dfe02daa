"""Weights that other settings or other versions of Keras wrote, turned into what they mean here."""
import math

import numpy as np

from horngate.saving.files import FileError


def converted(layer, arrays, origin, orders):
    """The weights of a layer, in its order, from the arrays of a file.

    `origin`: the `Origin` of the file. `orders`: leaf layer -> order of its input features in the file, where that
    differs (see `flattened_orders`).
    """
    weights, leaves = layer.weights, [leaf for leaf in leaves_of(layer) if leaf.weights]
    if len(arrays) != len(weights):
        arrays = _regrouped(leaves, arrays)
    if len(arrays) != len(weights):
        raise FileError(f"layer {layer.name!r} has {len(weights)} weights; the file holds {len(arrays)} for it.")
    places = {id(weight): i for i, weight in enumerate(weights)}
    found = list(arrays)
    for leaf in leaves:
        kernels = {id(kernel) for kernel in leaf.convolution_kernels}
        for weight in leaf.weights:
            i = places[id(weight)]
            if id(weight) in kernels:
                found[i] = _kernel(leaf, weight.shape, found[i], origin)
            elif leaf in orders and found[i].shape[:1] == orders[leaf].shape:
                found[i] = _reordered(leaf, found[i], orders[leaf])
            if getattr(leaf, "running_variance", None) is weight and origin.before(1, 0):
                # Keras 0.3 averaged sqrt(var + epsilon) and divided by it plus epsilon
                found[i] = np.maximum(np.square(found[i] + leaf.epsilon) - leaf.epsilon, 0)
    _check_shapes(layer, weights, found)
    return found


def leaves_of(layer):
    """The layers that own weights themselves, within wrappers and nested models."""
    from horngate.engine.inner import family  # a room above this one

    return [m for m in family(layer) if m._trainable_weights or m._non_trainable_weights or not m._kept]


def _check_shapes(layer, weights, arrays):
    for weight, array in zip(weights, arrays):
        if tuple(weight.shape) != array.shape:
            raise FileError(
                f"layer {layer.name!r}: weight {weight.name!r} has shape {tuple(weight.shape)}; the file holds "
                f"{array.shape}."
            )


# Gates: Keras 1 kept those of a recurrent layer in 3 arrays (consume_less='gpu', and Keras 2) or in 3 for each gate.


def _regrouped(leaves, arrays):
    """The arrays with the gates of recurrent layers taken apart, or put together, as the layers want them."""
    counts = [_other_count(leaf) for leaf in leaves]
    if sum(counts) != len(arrays):
        return arrays
    found, first = [], 0
    for leaf, count in zip(leaves, counts):
        part = arrays[first : first + count]
        found += part if count == len(leaf.weights) else _other_gates(leaf, part)
        first += count
    return found


def _other_count(leaf):
    gates = len(getattr(leaf, "gates", ()))
    if gates < 2:
        return len(leaf.weights)
    return 3 if len(leaf.weights) == 3 * gates else 3 * gates


def _other_gates(leaf, arrays):
    if len(arrays) == 3:
        blocks = [dict(zip(leaf.fused_gates, np.split(array, len(leaf.gates), axis=-1))) for array in arrays]
        return [block[gate] for gate in leaf.gates for block in blocks]
    apart = {gate: arrays[3 * i : 3 * i + 3] for i, gate in enumerate(leaf.gates)}
    return [np.concatenate([apart[gate][k] for gate in leaf.fused_gates], axis=-1) for k in range(3)]


# Convolution kernels.


def _kernel(leaf, shape, array, origin):
    """A kernel in the layer's own ordering and the convention in force."""
    from horngate import backend as K

    rank = leaf.form.rank
    if rank == 1:
        array = _kernel_of_one_axis(array, shape, origin)
        window = (0,)
    else:
        stored = origin.kernels or origin.ordering or leaf.form.ordering
        if origin.version and origin.version >= (2, 0) and type(leaf).__name__ == "Deconvolution2D":
            array = np.swapaxes(array, -1, -2)  # Keras 2 has the filters before the channels
        if stored != leaf.form.ordering and array.ndim == rank + 2:
            array = _other_ordering(array, stored)
        window = leaf.form.kernel_axes
    if origin.convention not in (None, K.conv_convention()) and array.ndim == len(shape):
        array = np.flip(array, window)
    return array


def _kernel_of_one_axis(array, shape, origin):
    """The kernel of a Convolution1D: (length, 1, channels, filters) since Keras 1.1."""
    if array.ndim == 3:  # Keras 2
        return array[:, np.newaxis]
    if array.ndim == 4 and (origin.before(1, 1) or array.shape != tuple(shape)):
        return array.transpose(2, 3, 1, 0)
    return array


def _other_ordering(kernel, stored):
    """A kernel (filters, channels, window) as (window, channels, filters), or the other way round."""
    rank = kernel.ndim - 2
    if stored == "th":
        return kernel.transpose(*range(2, rank + 2), 1, 0)
    return kernel.transpose(rank + 1, rank, *range(rank))


def settled_ordering(pairs):
    """The ordering of the images in a file, from the shapes of its kernels; None where it is that of the model.

    `pairs`: (layer, StoredLayer).
    """
    for layer, stored in pairs:
        if len(layer.weights) != len(stored.arrays):
            continue
        for leaf in leaves_of(layer):
            kernels = {id(kernel) for kernel in leaf.convolution_kernels}
            for weight, array in zip(layer.weights, stored.arrays):
                if id(weight) in kernels and leaf.form.rank > 1 and array.shape != tuple(weight.shape):
                    turned = _other_ordering(np.broadcast_to(0, weight.shape), leaf.form.ordering).shape
                    if array.shape == turned:
                        return "tf" if leaf.form.ordering == "th" else "th"
    return None


# What follows a Flatten: its features stand in the order of the images' axes.


def flattened_orders(model, ordering):
    """Leaf layer -> where each feature that it sees stands in a file whose images are ordered as `ordering`.

    Looks at what a Flatten hands to Dense layers, be it through activations, dropout and batch normalization.
    """
    orders, seen = {}, set()
    for flatten in (leaf for leaf in leaves_of(model) if type(leaf).__name__ == "Flatten"):
        for node in flatten.inbound_nodes:
            shape = node.input_tensors[0].shape[1:]
            if len(shape) < 3:
                continue
            places = np.arange(math.prod(shape))
            if ordering == "tf":  # the file has channels last, the model first
                order = np.moveaxis(places.reshape(*shape[1:], shape[0]), -1, 0).ravel()
            else:
                order = np.moveaxis(places.reshape(shape[-1], *shape[:-1]), 0, -1).ravel()
            _follow(flatten, order, orders, seen)
    return orders


def _follow(layer, order, orders, seen):
    waiting = [layer]
    while waiting:
        for node in waiting.pop().outbound_nodes:
            follower = node.outbound_layer
            if follower in seen:
                continue
            seen.add(follower)
            if follower.weights:
                orders[follower] = order
            if not follower.weights or hasattr(follower, "running_variance"):
                waiting.append(follower)


def _reordered(leaf, array, order):
    """The rows of a matrix, or the entries of a batch normalization, in the order of the model."""
    mixes = array.ndim > 1
    return array[order] if mixes or hasattr(leaf, "running_variance") else array
