"""The base of layers whose output has the shape of their input, and Identity, whose output is the input."""

from horngate.engine.for_layers import Layer, Shapes


class Elementwise(Layer):
    """A function of each element: masks pass through, and shape and order are those of the input."""

    supports_masking = True
    output_order = "kept"

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        return tuple(input_shape)


class Identity(Elementwise):
    """Return the input: y = x; a placeholder for another layer.

    # Input shape
        Any.

    # Output shape
        That of the input.
    """
