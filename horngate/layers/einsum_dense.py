"""EinsumDense: a fully connected layer over any axes, given by an equation."""

import re
from typing import Any, NamedTuple

from horngate.engine.for_layers import InputSpec, K, Layer, Shapes, TensorLike, Variable, argument, attribute
from horngate.engine.kinds import Activation, Constraint, Initializer, NotHere, OutputShape, Regularizer

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class Terms(NamedTuple):
    """An equation for an input of known rank: a letter for each axis, including those of an ellipsis."""

    input: str
    kernel: str
    output: str
    told: str  # the axes of the output whose sizes are in `output_shape`


def terms_of(equation: str, rank: int) -> Terms:
    """Return the terms of an equation for an input of `rank` axes. Raises ValueError for an invalid equation."""
    found = _EQUATION.fullmatch(equation.replace(" ", ""))
    if not found:
        raise ValueError(
            f"equation must be like 'ab,bc->ac', '...x,xy->...y' or 'ab...,bc->ac...'; received {equation!r}"
        )
    before, taken, after, kernel, *given = found.groups()
    if (bool(before), bool(after)) != (bool(given[0]), bool(given[2])) or before and after:
        raise ValueError(f"equation must have its dots in one place of the input and the output; received {equation!r}")
    missing = rank - len(taken)
    if missing < 0 or missing and not (before or after):
        raise ValueError(f"equation {equation!r} is for an input of {len(taken)} axes; received one of {rank}")
    elided = "".join([chr(n) for n in range(0x3B1, 0x3B1 + missing)])  # letters outside of the alphabet of equations
    told = given[1] if before else given[1][1:]
    pairs = [elided + part if before else part + elided for part in (taken, given[1])]
    for letter in kernel:
        if letter not in pairs[0] + pairs[1] or kernel.count(letter) > 1:
            raise ValueError(
                f"equation {equation!r}: axis {letter!r} of the kernel must be one of input or output, once"
            )
    if unknown := set(pairs[1]) - set(pairs[0]) - set(kernel):
        raise ValueError(f"equation {equation!r}: the output's axis {min(unknown)!r} stands in no other term")
    return Terms(pairs[0], kernel, pairs[1], told)


class EinsumDense(Layer):
    """A fully connected layer over any axes: y = activation(einsum(equation, x, kernel) + bias).

    # Input shape
        The first term of the equation; its first axis is the batch.

    # Output shape
        The last term of the equation.

    # Raises
        ValueError: if the equation does not fit the shapes.

    >>> from horngate.layers import EinsumDense, Input
    >>> EinsumDense("abc,cd->abd", output_shape=(None, 64), bias_axes="d")(Input((32, 128))).shape
    (None, 32, 64)
    """

    equation: str = argument("the terms of input, kernel and output, such as 'abc,cd->abd' or '...x,xy->...y'")
    output_shape_: OutputShape = argument(
        "the sizes of the output's axes, without the batch and what dots stand for; None for that of the input",
        alias="output_shape",
    )
    activation: Activation = argument(default=None)
    bias_axes: str | None = argument("the axes of the output along which there is a bias; None for none", default=None)
    kernel_initializer: Initializer = argument(default="glorot_uniform")
    bias_initializer: Initializer = argument(default="zeros")
    kernel_regularizer: Regularizer = argument(default=None)
    bias_regularizer: Regularizer = argument(default=None)
    kernel_constraint: Constraint = argument(default=None)
    bias_constraint: Constraint = argument(default=None)
    lora_rank: NotHere = argument(default=None)
    lora_alpha: NotHere = argument(default=None)
    gptq_unpacked_column_size: NotHere = argument(default=None)
    quantization_config: NotHere = argument(default=None)
    activity_regularizer: Regularizer = argument(default=None, kw_only=True)

    kernel: Variable = attribute()
    bias: Variable | None = attribute()
    supports_masking = True

    def build(self, input_shape: Shapes) -> None:
        terms, sizes = self._read(input_shape)
        summed = [letter for letter in terms.kernel if letter not in terms.output]
        self._expect(InputSpec(ndim=len(input_shape), axes={terms.input.index(a): sizes[a] for a in summed}))
        words = [self._word(letter, terms) for letter in terms.kernel]
        told: dict[str, Any] = {"regularizer": self.kernel_regularizer, "constraint": self.kernel_constraint}
        shape = [sizes[letter] for letter in terms.kernel]
        self.fans = tuple(terms.kernel.index(letter) for letter in summed)  # the axes of the inputs
        name = f"{self.name}_kernel"
        self.kernel = self.add_weight(shape, self.kernel_initializer, name, axes=words, role="kernel", **told)
        self.bias = self._made_bias(terms, sizes)

    def _made_bias(self, terms, sizes):
        if not self.bias_axes:
            return None
        if missing := set(self.bias_axes) - set(terms.output):
            raise ValueError(
                f"EinsumDense {self.name}: bias_axes must name axes of the output, {terms.output!r}; received "
                f"{self.bias_axes!r}, which has {min(missing)!r}."
            )
        axes = terms.output[min(map(terms.output.index, self.bias_axes)) :]
        shape = [sizes[axis] if axis in self.bias_axes else 1 for axis in axes]
        words = [self._word(axis, terms) if axis in self.bias_axes else "single" for axis in axes]
        told: dict[str, Any] = {"regularizer": self.bias_regularizer, "constraint": self.bias_constraint}
        return self.add_weight(shape, self.bias_initializer, f"{self.name}_bias", axes=words, role="bias", **told)

    def _word(self, letter, terms):
        """Return the word of `engine/axes` for an axis of a weight."""
        if letter not in terms.input:
            return "units"
        return "features" if letter == terms.input[-1] else "steps"

    def _read(self, input_shape):
        """Return (terms, letter -> size of the axis)."""
        try:
            terms = terms_of(self.equation, len(input_shape))
            shape = self.output_shape_ if isinstance(self.output_shape_, tuple) else (self.output_shape_,)
            if len(shape) != len(terms.told):
                raise ValueError(f"output_shape must tell {len(terms.told)} sizes for {terms.told!r}; received {shape}")
            sizes = dict(zip(terms.input, input_shape))
            for letter, size in zip(terms.told, shape):
                if sizes.setdefault(letter, size) not in (size, None) and size is not None:
                    raise ValueError(f"axis {letter!r} has size {sizes[letter]} in the input, {size} in output_shape")
        except ValueError as error:
            raise ValueError(f"EinsumDense {self.name}: {error}.") from None
        return terms, sizes

    def call(self, x: TensorLike, mask: TensorLike = None) -> TensorLike:
        y = K.einsum(self.equation, x, self.kernel)
        return self.activation(y if self.bias is None else y + self.bias)

    def get_output_shape_for(self, input_shape: Shapes) -> Shapes:
        terms, sizes = self._read(input_shape)
        return tuple(sizes[letter] for letter in terms.output)
