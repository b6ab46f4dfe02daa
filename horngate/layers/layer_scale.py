"""LayerScale: features brought to small sizes that are learned."""

from horngate.engine.for_layers import Layer, Shapes, TensorLike, Variable, argument


class LayerScale(Layer):
    """y = gamma * x, with a small learned gamma for each feature.

    # Source
        Touvron et al., Going deeper with Image Transformers (arXiv:2103.17239).
    """

    init_values: float = argument("how the gammas begin")
    projection_dim: int = argument("the number of features", at_least=1)

    output_order = "kept"

    def build(self, input_shape: Shapes) -> None:
        if input_shape[-1] != self.projection_dim:
            raise ValueError(
                f"LayerScale {self.name}: projection_dim is {self.projection_dim}, the input has {input_shape[-1]} "
                "features. Give that number."
            )
        begun = {"class_name": "Constant", "config": {"value": self.init_values}}
        self.gamma: Variable = self.add_weight((self.projection_dim,), begun, "gamma", axes=("features",), role="scale")

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        return x * self.gamma
