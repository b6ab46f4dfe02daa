"""The common part of layers on sequences, images and volumes: the layout of the data, and the sizes of the output."""

from collections.abc import Sequence
from typing import Any, ClassVar

from horngate.engine.for_layers import InputSpec, K, Layer, Shapes, TensorLike
from horngate.engine.kinds import Margins, Pairs, Sizes
from horngate.engine.sizes import checked_output


class OfImages:
    """Attributes of layers on images that each public class declares at its own place in the signature."""

    dim_ordering: Any  # 'th' or 'tf'
    size: Sizes
    padding: Margins
    cropping: Pairs


class Spatial(Layer, OfImages):
    """Base of layers on data with `rank` spatial axes.

    `dim_ordering`: `'th'`: (samples, channels, ...), `'tf'`: (samples, ..., channels). Sequences are always `'tf'`.
    """

    rank: ClassVar[int] = 2
    dim_ordering = "tf"
    output_order = "images"

    @property
    def form(self) -> Any:
        """Return the layout of the data."""
        return K.layout(self.rank, self.dim_ordering)

    def assert_input_compatibility(self, input: TensorLike) -> None:
        if self.input_spec is None:  # before the channels are known
            self._expect(InputSpec(ndim=self.rank + 2))
        super().assert_input_compatibility(input)

    def sizes_for(self, sizes: Sequence[int | None]) -> Sequence[int | None]:
        """Return the spatial sizes of the output for those of the input."""
        return sizes

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        sizes = self.sizes_for([input_shape[axis] for axis in self.form.spatial_axes])
        shape = self.form.shape(input_shape[0], sizes, input_shape[self.form.channel_axis])
        return checked_output(self, input_shape, shape)
