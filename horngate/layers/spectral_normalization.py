"""SpectralNormalization: a layer whose kernel has the largest singular value 1."""

from typing import Any

import numpy as np

from horngate.backend.running import running_scope
from horngate.engine.for_layers import K, Layer, Shapes, TensorLike, Variable, argument, attribute
from horngate.engine.node import number_ranges, told_ranges
from horngate.engine.sublayers import unique
from horngate.layers.wrappers import Wrapper


class SpectralNormalization(Wrapper):
    """A layer with W / s in the place of its kernel W, where s is about the largest singular value of W.

    u is kept from step to step: v' = u W' / |u W'|, u' = v' W / |v' W|, s = v' W u'. It is moved in training only.
    The kernel stays what the optimizer makes it; Keras 3 overwrites it in training where its backend lets it, and
    does not divide by s elsewhere, so that there predictions depend on the backend.

    # Input shape
        What the layer takes.

    # Output shape
        What the layer gives.

    # Source
        Miyato et al., Spectral Normalization for Generative Adversarial Networks (arXiv:1802.05957).
    """

    layer: Any = argument("a layer with `kernel` or `embeddings`")
    power_iterations: int = argument("how often u is moved in a step", default=1, at_least=1)

    vector_u: Variable = attribute()
    get_weights, set_weights = Layer.get_weights, Layer.set_weights
    output_order = "cell"

    def build(self, input_shape: Shapes = None) -> None:
        self.build_held(self.layer, input_shape)
        kernel, axis = self._kernel()
        begin = np.clip(np.random.normal(0.0, 0.02, (1, kernel.shape[axis])), -0.04, 0.04)
        told: dict[str, Any] = {"trainable": False, "axes": ("single", "units"), "role": "direction"}
        self.vector_u = self.add_weight(begin.shape, lambda shape: begin, f"{self.name}_vector_u", **told)

    def _kernel(self):
        """The weight that is normalized, and its axis of outputs."""
        for name in ("kernel", "embeddings"):
            weight = getattr(self.layer, name, None)
            if isinstance(weight, Variable):
                words: list[Any] = list(weight.axes or ())
                return weight, 0 if words[:1] == ["filters"] else len(weight.shape) - 1
        raise ValueError(
            f"SpectralNormalization {self.name}: {type(self.layer).__name__} has no kernel and no embeddings to "
            "normalize. Wrap a layer such as Dense, Conv2D or Embedding."
        )

    @property
    def weights(self) -> list[Variable]:
        """All weights; in Keras 3, which notes the kernel here too, it is the first."""
        if not self._inner_weights_by_layer or not self.built:
            return super().weights
        return unique([self._kernel()[0], self.vector_u, *super().weights])

    def normalized_weights(self) -> tuple[TensorLike, TensorLike]:
        """Return (the next u, the normalized kernel)."""
        kernel, axis = self._kernel()
        axes = [*(i for i in range(len(kernel.shape)) if i != axis), axis]
        W = K.reshape(K.permute_dimensions(kernel, axes), (-1, kernel.shape[axis]))
        u, fixed = self.vector_u, K.stop_gradient(W)
        for _ in range(self.power_iterations):
            v = K.l2_normalize(K.dot(u, K.transpose(fixed)), axis=-1)
            u = K.l2_normalize(K.dot(v, fixed), axis=-1)
        s = K.dot(K.dot(v, W), K.transpose(u))
        return u, kernel / K.reshape(s, (1,) * len(kernel.shape))

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        scope = running_scope()
        u, normalized = self.normalized_weights()
        self.add_update((self.vector_u, u))
        with scope.child() as inner:
            inner.variables = {**scope.variables, self._kernel()[0]: scope.resolve(normalized)}
            return self.layer(x)

    def get_output_shape_for(self, input_shape: Shapes) -> Any:
        return self.layer.get_output_shape_for(input_shape)

    def compute_mask(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return self.layer.compute_mask(x, mask)


@told_ranges.register(SpectralNormalization)
def _ranges_within(wrapper, place):
    return number_ranges(wrapper.layer, place)
