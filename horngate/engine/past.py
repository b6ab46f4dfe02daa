"""What layers had in Keras 0.3: programs of that time ask them for their tensors and tell them of each other."""


class LayerOf03:
    """The methods of a layer of Keras 0.3, on top of today's; they are for reading, not for writing layers."""

    cache_enabled = True
    nb_input = nb_output = 1

    @property
    def layer_cache(self):
        """Kept for old programs; nothing is cached here."""
        return {}

    shape_cache = layer_cache

    def get_output(self, train=False):
        """The layer's symbolic output; the function that is made of it decides on the phase, not `train`."""
        return self.output

    def get_input(self, train=False):
        """The layer's symbolic input."""
        return self.input

    def get_output_mask(self, train=False):
        """The mask that the layer hands on, or None."""
        return self.output_mask

    def get_params(self):
        """(weights, regularizers, constraints by weight, updates)."""
        return self.trainable_weights, self.regularizers, self.constraints, self.updates

    def supports_masked_input(self):
        """Whether the layer takes a mask."""
        return self.supports_masking

    def set_input_shape(self, input_shape):
        """Tell the shape of the input, samples included, to a layer that begins a model."""
        self.batch_input_shape = tuple(input_shape)

    def set_previous(self, layer):
        """Call this layer on the output of another."""
        self(layer.output)

    def clear_previous(self, reset_weights=True):
        """Forget the calls of this layer."""
        self.inbound_nodes.clear()

    def written_for_03(self):
        """Whether a user's class computes in a `get_output` of its own."""
        return type(self).get_output is not LayerOf03.get_output
